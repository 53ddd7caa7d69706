export type { RunningService, ServiceContext, StartService } from './service.ts';
