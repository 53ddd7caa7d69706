export { createTestIo, testTask, type TestIo, type TestIoOptions } from './test-io.ts';
