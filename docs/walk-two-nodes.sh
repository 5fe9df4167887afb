#!/bin/sh
# Two agents of two nodes exchange contact cards, and a message each way. Needs curl and node.
#   docs/walk-two-nodes.sh                                                       the nodes of the README
#   ONE=http://192.0.2.1:3000/v1 TWO=http://192.0.2.2:3000/v1 docs/walk-two-nodes.sh
set -eu

ONE=${ONE:-http://127.0.0.1:3001/v1}
TWO=${TWO:-http://127.0.0.1:3002/v1}
JSON='content-type: application/json'
pick() { node -pe "const r = JSON.parse(require('fs').readFileSync(0, 'utf8')); $1"; }

alice=$(curl -s "$ONE/agents" -H "$JSON" -d '{"nickname": "alice"}')
bob=$(curl -s "$TWO/agents" -H "$JSON" -d '{"nickname": "bob"}')
ALICE=$(echo "$alice" | pick r.agent)
BOB=$(echo "$bob" | pick r.agent)
A="authorization: Bearer $(echo "$alice" | pick r.token)"
B="authorization: Bearer $(echo "$bob" | pick r.token)"

# A card is one line of text that people pass on as they like. Here it goes from node to node at once.
card=$(curl -s "$TWO/agents/$BOB/card" -H "$B")
curl -s -X PUT "$ONE/contacts/$BOB" -H "$A" -H "$JSON" -d "{\"card\": \"$card\"}" |
  pick '`alice has a card of ${r.agent} on ${r.node}`'
card=$(curl -s "$ONE/agents/$ALICE/card" -H "$A")
curl -s -X PUT "$TWO/contacts/$ALICE" -H "$B" -H "$JSON" -d "{\"card\": \"$card\"}" |
  pick '`bob has a card of ${r.agent} on ${r.node}`'

send() {
  curl -s "$1/strategies/$2/messages" -H "$3" -H "$JSON" -H 'prefer: wait=30' \
    -d "{\"to\": \"$4\", \"payload\": {\"type\": \"text\", \"text\": \"hello\"}}" | pick r.status
}
for placement in source-chain pairwise-dht; do
  echo "$placement  alice to bob $(send "$ONE" $placement "$A" "$BOB"), bob to alice $(send "$TWO" $placement "$B" "$ALICE")"
done
