import type { Task } from '@argosy/core-workflow';
import type { ControllerConfig, ImageCommand } from '@argosy/model';

interface Startable {
  readonly image?: string;
  readonly command?: readonly string[];
  readonly args?: readonly string[];
}

/**
 * The task with what its images start, where the manifest names no command and the installation's configuration
 * (`images`) does. As with Argo only the very name of an image counts; whoever runs the task may know more images.
 */
export function withImageCommands(task: Task, images: ControllerConfig['images']): Task {
  if (images === undefined) return task;
  const filled = <Container extends Startable>(container: Container): Container =>
    withCommand(container, images);
  const { template } = task;
  const { container, containerSet, initContainers, sidecars } = template;
  return {
    ...task,
    template: {
      ...template,
      ...(container === undefined ? {} : { container: filled(container) }),
      ...(containerSet === undefined
        ? {}
        : { containerSet: { ...containerSet, containers: containerSet.containers.map(filled) } }),
      ...(initContainers === undefined ? {} : { initContainers: initContainers.map(filled) }),
      ...(sidecars === undefined ? {} : { sidecars: sidecars.map(filled) }),
    },
  };
}

/** A command of the manifest stays, and so do its arguments: the image's own are for its own command. */
function withCommand<Container extends Startable>(
  container: Container,
  images: Readonly<Record<string, ImageCommand>>,
): Container {
  const known = images[container.image ?? ''];
  if (known === undefined || (container.command ?? []).length > 0) return container;
  const { entrypoint = [], cmd = [] } = known;
  const args = container.args ?? cmd;
  // Without an entrypoint the first word of the arguments is what is started.
  const command = entrypoint.length > 0 ? entrypoint : args.slice(0, 1);
  const rest = entrypoint.length > 0 ? args : args.slice(1);
  if (command.length === 0) return container;
  return { ...container, command, ...(rest.length === 0 ? {} : { args: rest }) };
}
