// The event-source service as a process of its own.
import { runServiceProcess } from '@argosy/shell';
import { startEventSource } from './index.ts';

await runServiceProcess('event-source', startEventSource, (environment, { rpcHost, rpcPort }) => ({
  rpcHost,
  rpcPort,
  webhookHost: environment.text('ARGOSY_WEBHOOK_HOST', '0.0.0.0'),
}));
