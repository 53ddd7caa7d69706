/** An instant as Go prints one: `2026-03-02 09:30:00 -0500 EST`. Milliseconds are kept if there are any. */
export function goTimeText(atMs: number, timeZone: string): string {
  const parts = new Map<string, string>(
    new Intl.DateTimeFormat('en-GB', {
      timeZone,
      hourCycle: 'h23',
      year: 'numeric',
      month: '2-digit',
      day: '2-digit',
      hour: '2-digit',
      minute: '2-digit',
      second: '2-digit',
    })
      .formatToParts(atMs)
      .map(({ type, value }) => [type, value]),
  );
  const part = (type: string): string => parts.get(type) ?? '';
  const date = `${part('year')}-${part('month')}-${part('day')}`;
  const time = `${part('hour')}:${part('minute')}:${part('second')}`;
  const milliseconds = atMs % 1_000;
  const fraction =
    milliseconds === 0 ? '' : `.${String(milliseconds).padStart(3, '0').replace(/0+$/, '')}`;
  const offset = offsetText(atMs, timeZone);
  return `${date} ${time}${fraction} ${offset} ${zoneText(atMs, timeZone, offset)}`;
}

/** `+0530` */
function offsetText(atMs: number, timeZone: string): string {
  const name = zoneName(atMs, timeZone, { locale: 'en-US', style: 'longOffset' });
  return name === 'GMT' ? '+0000' : name.replace('GMT', '').replace(':', '');
}

/** The zone's abbreviation; where there is none, its offset, as in the time zone database. */
function zoneText(atMs: number, timeZone: string, offset: string): string {
  if (timeZone === 'UTC') return 'UTC';
  for (const locale of ['en-US', 'en-GB', 'en-AU']) {
    const name = zoneName(atMs, timeZone, { locale, style: 'short' });
    if (/^[A-Z]{2,5}$/.test(name)) return name;
  }
  return offset.endsWith('00') ? offset.slice(0, 3) : offset;
}

function zoneName(
  atMs: number,
  timeZone: string,
  form: { readonly locale: string; readonly style: 'short' | 'longOffset' },
): string {
  const format = new Intl.DateTimeFormat(form.locale, { timeZone, timeZoneName: form.style });
  return format.formatToParts(atMs).find(({ type }) => type === 'timeZoneName')?.value ?? '';
}
