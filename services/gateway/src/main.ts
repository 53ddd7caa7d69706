// The gateway as a process of its own.
import { CONTROLLER_CONFIG_MAP } from '@argosy/model';
import { runServiceProcess } from '@argosy/shell';
import { startGateway } from './index.ts';

await runServiceProcess('gateway', startGateway, (environment, common) => ({
  ...common,
  httpHost: environment.text('ARGOSY_HTTP_HOST', '0.0.0.0'),
  httpPort: environment.number('ARGOSY_HTTP_PORT', 2746),
  tokens: environment.list('ARGOSY_TOKENS'),
  configMap: environment.text('ARGOSY_CONFIGMAP', CONTROLLER_CONFIG_MAP),
  configNamespaces: environment.text('ARGOSY_CONFIGMAP_NAMESPACES', 'argo,default').split(','),
}));
