export type { GatewayConfig } from './config.ts';
export { startGateway, type RunningGateway } from './service.ts';
