// The scheduler as a process of its own. What it is made of is compiled once and kept by Node: the next start, which runs
// may wait for, takes half the time.
import { enableCompileCache } from 'node:module';

enableCompileCache();
await import('./process.ts');
