import { attribute } from './intrinsics.mjs';

const runtime = { Name: 'APPSYNC_JS', RuntimeVersion: '1.0.0' };
const ApiId = attribute('Api', 'ApiId');
const nameOf = (file) => file.replace(/\.js$/, '').replaceAll('-', '_');
const idOf = (...words) => words.map((word) => word.slice(0, 1).toUpperCase() + word.slice(1)).join('');
const functionIdOf = (file) => idOf('function', ...nameOf(file).split('_'));

/** The resolver of each field, and the functions that pipelines are made of. */
export function buildResolvers({ resolverFiles, resolvers }) {
  const all = Object.values(resolvers).flatMap((fields) => Object.values(fields));
  const files = all.flatMap((resolver) => (resolver.kind === 'pipeline' ? resolver.functions : []));
  const functions = [...new Set(files)].map((file) => [functionIdOf(file), buildFunction(file, resolverFiles[file])]);
  const fields = Object.entries(resolvers).flatMap(([type, fieldsOfType]) =>
    Object.entries(fieldsOfType).map(([field, resolver]) => [
      idOf('resolve', field),
      buildField({ type, field, resolver, code: resolverFiles[resolver.file] }),
    ]),
  );
  return Object.fromEntries([...functions, ...fields]);
}

function buildFunction(file, Code) {
  return {
    Type: 'AWS::AppSync::FunctionConfiguration',
    DependsOn: 'Schema',
    Properties: {
      ApiId,
      Name: nameOf(file),
      DataSourceName: attribute('TableSource', 'Name'),
      Runtime: runtime,
      Code,
    },
  };
}

function buildField({ type, field, resolver, code }) {
  const kind =
    resolver.kind === 'pipeline'
      ? {
          Kind: 'PIPELINE',
          PipelineConfig: { Functions: resolver.functions.map((file) => attribute(functionIdOf(file), 'FunctionId')) },
        }
      : { Kind: 'UNIT', DataSourceName: attribute('TableSource', 'Name') };
  return {
    Type: 'AWS::AppSync::Resolver',
    DependsOn: 'Schema',
    Properties: { ApiId, TypeName: type, FieldName: field, Runtime: runtime, Code: code, ...kind },
  };
}
