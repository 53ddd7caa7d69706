export { sprigFunctions, type SprigFunction } from './sprig/index.ts';
