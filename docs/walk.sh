#!/bin/sh
# The walk of README.md as a script, for a service that is running. Needs curl and node.
#   docs/walk.sh                                    at http://127.0.0.1:3000
#   API=http://127.0.0.1:8080/v1 docs/walk.sh       somewhere else
set -eu

API=${API:-http://127.0.0.1:3000/v1}
JSON='content-type: application/json'
pick() { node -pe "const r = JSON.parse(require('fs').readFileSync(0, 'utf8')); $1"; }

alice=$(curl -s "$API/agents" -H "$JSON" -d '{"nickname": "alice"}')
bob=$(curl -s "$API/agents" -H "$JSON" -d '{"nickname": "bob", "passphrase": "correct horse battery staple"}')
BOB=$(echo "$bob" | pick r.agent)
A="authorization: Bearer $(echo "$alice" | pick r.token)"
B="authorization: Bearer $(echo "$bob" | pick r.token)"
curl -s "$API/agents/$BOB" -H "$A"; echo

send() {
  curl -s "$API/strategies/$1/messages" -H "$A" -H "$JSON" \
    -d "{\"to\": \"$BOB\", \"payload\": {\"type\": \"text\", \"text\": \"$2\"}}"
}
for placement in source-chain pairwise-dht global-dht; do
  send "$placement" "hello by way of $placement" |
    pick '[r.strategy, r.status, r.receipts.map((one) => one.status).join("+")].join("  ")'
done

send source-chain 'and once more, whole' | pick 'JSON.stringify(r, null, 2)'

for placement in source-chain pairwise-dht global-dht; do
  page=$(curl -s "$API/strategies/$placement/messages?limit=1" -H "$B")
  echo "$page" | pick 'r.items[0].payload.text'
  id=$(echo "$page" | pick 'r.items[0].id')
  curl -s "$API/strategies/$placement/receipts" -H "$B" -H "$JSON" \
    -d "{\"status\": \"read\", \"messages\": [\"$id\"]}" | pick 'r.items.map((one) => one.status)[0]'
done

for placement in source-chain pairwise-dht global-dht; do
  curl -s "$API/strategies/$placement/conversations" -H "$B" |
    pick 'r.items.map(({ last, unread }) => `${last.strategy}  ${unread} unread  ${last.status}`).join()'
done

curl -s -X DELETE "$API/sessions/current" -H "$B"
for placement in source-chain pairwise-dht global-dht; do
  send "$placement" 'are you there' | pick '`${r.strategy}  ${r.status}  ${JSON.stringify(r.delivery)}`'
done

bob=$(curl -s "$API/sessions" -H "$JSON" \
  -d "{\"agent\": \"$BOB\", \"passphrase\": \"correct horse battery staple\"}")
B="authorization: Bearer $(echo "$bob" | pick r.token)"
sleep 5
for placement in source-chain pairwise-dht global-dht; do
  curl -s "$API/strategies/$placement/messages?limit=1" -H "$A" |
    pick 'r.items.map((one) => `${one.strategy}  ${one.status}  ${one.payload.text}`).join()'
done

for time in first second; do
  curl -s "$API/strategies/source-chain/messages" -H "$A" -H "$JSON" -H 'idempotency-key: order-4711' \
    -d "{\"to\": \"$BOB\", \"payload\": {\"type\": \"text\", \"text\": \"only once\"}}" | pick r.id
done
