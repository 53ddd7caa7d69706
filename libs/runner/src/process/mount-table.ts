/** A line of an fstab: a directory or file of the host shown at another place. */
export function bindLine(source: string, target: string, readOnly = false): string {
  const options = readOnly ? 'bind,ro' : 'rbind';
  return `${escapeField(source)} ${escapeField(target)} none ${options} 0 0\n`;
}

/** The process table of the namespace itself. */
export function procLine(target: string): string {
  return `proc ${escapeField(target)} proc defaults 0 0\n`;
}

/** A host directory whose changes go to `upper`; `work` is an empty directory beside that. */
export function overlayLine(
  lower: string,
  target: string,
  own: { readonly upper: string; readonly work: string },
): string {
  const layers =
    `lowerdir=${escapeLayer(lower)},upperdir=${escapeLayer(own.upper)},` +
    `workdir=${escapeLayer(own.work)}`;
  return `overlay ${escapeField(target)} overlay ${escapeField(layers)} 0 0\n`;
}

/** In the options of an overlay, commas separate options and colons separate layers. */
function escapeLayer(path: string): string {
  return path.replace(/[\\:,]/g, '\\$&');
}

/** fstab separates by blanks; they are written in octal. */
function escapeField(text: string): string {
  return text.replace(/[\\ \t\n#]/g, (character) => {
    return `\\${character.charCodeAt(0).toString(8).padStart(3, '0')}`;
  });
}
