import ts from 'typescript';

/** Modules of a program by file, with the modules that each imports, types included; once a program. */
const graphs = new WeakMap();

function graphOf(program) {
  let graph = graphs.get(program);
  if (!graph) {
    const ours = program.getSourceFiles().filter((file) => !file.isDeclarationFile);
    graph = new Map(
      ours.map((file) => [
        file.fileName,
        ts
          .preProcessFile(file.text)
          .importedFiles.flatMap(({ fileName }) => resolved(program, fileName, file.fileName) ?? []),
      ]),
    );
    graphs.set(program, graph);
  }
  return graph;
}

/** The file that an import of another file means; undefined for a package, or a file that is no module. */
function resolved(program, name, importer) {
  if (!name.startsWith('.')) return undefined;
  return ts.resolveModuleName(name, importer, program.getCompilerOptions(), ts.sys).resolvedModule
    ?.resolvedFileName;
}

/**
 * The shortest way from one module to another along imports, both ends included; null where there is none.
 *
 * @param {ReadonlyMap<string, readonly string[]>} graph the modules that each module imports
 * @param {string} from
 * @param {string} to
 * @returns {string[] | null}
 */
export function wayBetween(graph, from, to) {
  const cameFrom = new Map([[from, null]]);
  for (const module of cameFrom.keys()) {
    if (module === to) {
      const way = [];
      for (let at = module; at !== null; at = cameFrom.get(at)) way.unshift(at);
      return way;
    }
    for (const next of graph.get(module) ?? []) if (!cameFrom.has(next)) cameFrom.set(next, module);
  }
  return null;
}

/**
 * No module may be imported by what it imports, by way of types either: two modules that know each other cannot be
 * read, or tested, one after the other. (import-x/no-cycle passes over imports of types.)
 */
export const noCircles = {
  meta: { type: 'problem', schema: [], messages: { circle: 'A circle of imports: {{way}}.' } },
  create(context) {
    const { program } = context.sourceCode.parserServices;
    const check = ({ source }) => {
      const target = source && resolved(program, source.value, context.filename);
      const way = target && wayBetween(graphOf(program), target, context.filename);
      if (!way) return;
      const names = [context.filename, ...way].map((file) => file.replace(/.*\/(src|test)\//, ''));
      context.report({ node: source, messageId: 'circle', data: { way: names.join(' → ') } });
    };
    return { ImportDeclaration: check, ExportNamedDeclaration: check, ExportAllDeclaration: check };
  },
};
