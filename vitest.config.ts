import { defineConfig } from 'vitest/config';

// Two projects: `unit` needs nothing but Node; `e2e` starts real servers and processes.
export default defineConfig({
  test: {
    projects: [
      {
        test: {
          name: 'unit',
          include: [
            '{libs,services,apps,tools}/**/*.test.ts',
            'test/{simulation,replay}/**/*.test.ts',
          ],
          exclude: ['**/node_modules/**', '**/*.integration.test.ts'],
        },
      },
      {
        test: {
          name: 'integration',
          include: ['{libs,services,apps}/**/*.integration.test.ts', 'test/e2e/**/*.test.ts'],
          exclude: ['**/node_modules/**'],
          testTimeout: 120_000,
          hookTimeout: 120_000,
          fileParallelism: false,
          // Real servers and processes on a busy machine: what fails is looked at once more, and told.
          retry: 1,
        },
      },
    ],
  },
});
