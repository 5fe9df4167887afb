#!/bin/sh
# The tutorial as a script, for a service that is running. Needs curl and node.
#   docs/walk.sh                                    at http://127.0.0.1:3000
#   API=http://127.0.0.1:8080/v1 docs/walk.sh       somewhere else
# `npm run tutorial` makes docs/tutorial.md of it: comments that begin with `#:` become its text.
set -eu

#: ## Set-up
#: `pick` prints a part of a JSON answer.

API=${API:-http://127.0.0.1:3000/v1}
JSON='content-type: application/json'
pick() { node -pe "const r = JSON.parse(require('fs').readFileSync(0, 'utf8')); $1"; }

#: ## Two agents
#: An agent is a key pair. Alice's keys are sealed under the node's own secret. She is _unattended_: online whenever the
#: node is. Bob's keys are sealed under his passphrase. He is online from signing in until signing out.

alice=$(curl -s "$API/agents" -H "$JSON" -d '{"nickname": "alice"}')
bob=$(curl -s "$API/agents" -H "$JSON" -d '{"nickname": "bob", "passphrase": "correct horse battery staple"}')
BOB=$(echo "$bob" | pick r.agent)
A="authorization: Bearer $(echo "$alice" | pick r.token)"
B="authorization: Bearer $(echo "$bob" | pick r.token)"
curl -s "$API/agents/$BOB" -H "$A" | pick 'JSON.stringify(r)'

#: ## One message on each placement
#: One call is the whole act of sending: save, send, confirm. `Prefer: wait=30` lets the answer wait for the delivery for
#: up to 30 s. `saved` is signed by Alice, `delivered` by Bob.

send() {
  curl -s "$API/strategies/$1/messages" -H "$A" -H "$JSON" -H "prefer: wait=${3:-30}" \
    -d "{\"to\": \"$BOB\", \"payload\": {\"type\": \"text\", \"text\": \"$2\"}}"
}
for placement in source-chain pairwise-dht global-dht; do
  send "$placement" "hello by way of $placement" |
    pick '[r.strategy, r.status, r.receipts.map(({ status }) => status).join("+")].join("  ")'
done

#: ## The receipts
#: Here is a whole message. Each receipt is signed over message, status, time and space.
#: [Verifying](verifying.md) shows how to check them without this service.

send source-chain 'and once more, whole' | pick 'JSON.stringify(r, null, 2)'

#: ## Reading
#: Bob reads the latest message of each placement and sends a `read` receipt for it.

for placement in source-chain pairwise-dht global-dht; do
  page=$(curl -s "$API/strategies/$placement/messages?limit=1" -H "$B")
  echo "$page" | pick 'r.items[0].payload.text'
  id=$(echo "$page" | pick 'r.items[0].id')
  curl -s "$API/strategies/$placement/receipts" -H "$B" -H "$JSON" \
    -d "{\"status\": \"read\", \"messages\": [\"$id\"]}" | pick 'r.items.map(({ status }) => status)[0]'
done

#: ## Conversations
#: Each placement has its own conversations. On `source-chain` one message is still unread.

for placement in source-chain pairwise-dht global-dht; do
  curl -s "$API/strategies/$placement/conversations" -H "$B" |
    pick 'r.items.map(({ last, unread }) => `${last.strategy}  ${unread} unread  ${last.status}`).join()'
done

#: ## An absence
#: Bob signs out, which locks his keys. Then Alice writes to him. `saved` is not an error: the message is stored, and
#: `delivery` shows the next step. Two placements must reach Bob's cell and will try again. On `global-dht` the message is
#: published already; Alice waits for his receipt.

curl -s -X DELETE "$API/sessions/current" -H "$B"
for placement in source-chain pairwise-dht global-dht; do
  send "$placement" 'are you there' 3 |
    pick '`${r.strategy}  ${r.status}  next: ${r.delivery.step}  ${r.delivery.lastError}`'
done

#: ## The return
#: Bob signs in again, and nobody has to do anything else.

bob=$(curl -s "$API/sessions" -H "$JSON" \
  -d "{\"agent\": \"$BOB\", \"passphrase\": \"correct horse battery staple\"}")
B="authorization: Bearer $(echo "$bob" | pick r.token)"
latest() {
  curl -s "$API/strategies/$1/messages?limit=1" -H "$A" |
    pick 'r.items.map((message) => `${message.strategy}  ${message.status}  ${message.payload.text}`).join()'
}
for placement in source-chain pairwise-dht global-dht; do
  until latest "$placement" | grep -v saved; do sleep 1; done
done

#: However long Bob stays away, his messages wait: on the first two placements in Alice's outbox, on `global-dht` in his mailbox.
#: After 30 days (`DELIVERY_PATIENCE`) those in the outbox become `failed`. Alice can then ask again with
#: `POST …/messages/{id}/retry`.
#:
#: ## What changed
#: After a gap, a client asks for everything that changed since its cursor. Without a cursor it gets everything there is.

curl -s "$API/changes" -H "$B" |
  pick 'r.items.map(({ strategy, message }) => `${strategy}  ${message.status}  ${message.payload.text}`).sort().join("\n")'

#: ## A repeated request
#: With an `Idempotency-Key`, a request that is sent twice is one message.

for time in first second; do
  curl -s "$API/strategies/source-chain/messages" -H "$A" -H "$JSON" -H 'idempotency-key: order-4711' \
    -d "{\"to\": \"$BOB\", \"payload\": {\"type\": \"text\", \"text\": \"only once\"}}" | pick r.id
done
