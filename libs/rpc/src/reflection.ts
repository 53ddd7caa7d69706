import { toBinary, type DescFile, type DescService } from '@bufbuild/protobuf';
import { FileDescriptorProtoSchema } from '@bufbuild/protobuf/wkt';
import type { Server } from '@grpc/grpc-js';
import { ReflectionService } from '@grpc/reflection';

/**
 * Serves gRPC reflection (v1 and v1alpha) for the services, so that tools find methods and types
 * without our .proto files. The reflection library reads descriptors only from top-level entries of
 * a package definition, hence the one made-up entry.
 */
export function addReflection(server: Server, services: readonly DescService[]): void {
  const files = new Map<string, DescFile>();
  for (const service of services) collect(service.file, files);
  const fileDescriptorProtos = Array.from(files.values(), (file) =>
    Buffer.from(toBinary(FileDescriptorProtoSchema, file.proto)),
  );
  const entry = { format: 'Protocol Buffer 3 DescriptorProto', type: {}, fileDescriptorProtos };
  new ReflectionService({ files: entry } as never).addToServer(server);
}

function collect(file: DescFile, files: Map<string, DescFile>): void {
  if (files.has(file.name)) return;
  files.set(file.name, file);
  for (const dependency of file.dependencies) collect(dependency, files);
}
