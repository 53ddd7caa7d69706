// The event-source service as a process of its own. What it is made of is compiled once and kept by Node, for the next
// start.
import { enableCompileCache } from 'node:module';

enableCompileCache();
await import('./process.ts');
