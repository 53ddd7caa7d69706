/**
 * The whole name of a topic: `t` is `persistent://public/default/t`, `tenant/namespace/t` is persistent.
 * Undefined: it is no name of a topic.
 */
export function topicName(text: string): string | undefined {
  const [, scheme = 'persistent', path = ''] =
    /^(?:(persistent|non-persistent):\/\/)?([^\s:]+)$/.exec(text) ?? [];
  const parts = path.split('/');
  if (parts.includes('')) return undefined;
  if (parts.length === 1 && !text.includes('://')) return `${scheme}://public/default/${path}`;
  return parts.length === 3 ? `${scheme}://${path}` : undefined;
}
