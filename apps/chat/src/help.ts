/** What the chat can do, a line each. */
export const HELP = [
  '/who [name]         who is there',
  '/to <name or key>   whom you write to',
  '/placement <name>   where the next messages live: source-chain, pairwise-dht, global-dht',
  '/history [number]   the last messages with this agent',
  '/find <words>       messages with this agent that have them, the last ones here',
  '/pin [words]        pins the last message with this agent, or the last with these words, for both of you',
  '/pins               what is pinned; /unpin <n> unpins the message with that number',
  '/file <path>        sends a file of at most 15 MiB',
  '/save <n> [path]    writes a file that was shown, here or to that path; n is its number or its id',
  '/retry              tries again now what has not arrived',
  '/typing on|off      whether others see that you are typing',
  '/quit               leaves; you are offline then. Ctrl-C and Ctrl-D do the same',
  '✓ saved   ✓✓ delivered   ✓✓ in colour (or "read") read   … the service has not got it yet',
];
