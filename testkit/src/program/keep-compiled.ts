import { flushCompileCache } from 'node:module'

// Loaded into each program that a test starts. What Node has compiled it keeps for the next program when this one ends by
// itself, but most programs of tests are killed.
setTimeout(flushCompileCache, 1_000).unref()
