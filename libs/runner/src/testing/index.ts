export { describeRunnerContract, type RunnerContractSubject } from './runner-contract.ts';
export { createTestIo, testTask, type TestIo, type TestIoOptions } from './test-io.ts';
