import { composeSuite } from './compose-suite.ts'
import { createRandom } from './random-operation.ts'
import type { Fields, Rule, Suite } from './suite.ts'

/** A field of a random entity, and the subgraph that answers it. */
interface RandomField {
  readonly name: string
  readonly owner: string
  readonly type: string
  /** Of a relation: where it leads. */
  readonly target?: string
  /** Of a computed field: what it reads. */
  readonly inputs?: readonly Input[]
}

/** A field of the same object, or of one that a relation leads to. */
interface Input {
  readonly by: RandomField | null
  readonly field: RandomField
}

interface Entity {
  readonly name: string
  readonly subgraphs: readonly string[]
  readonly fields: RandomField[]
}

interface Drawing {
  /** Below this number. */
  readonly draw: (count: number) => number
  readonly entities: readonly Entity[]
  /** The subgraph that knows all its entities behind one interface. */
  readonly withInterface: string | null
}

/**
 * Entities whose values, relations and computed fields are spread over subgraphs as a seed decides, relations lead
 * anywhere, and inputs have inputs. Null where what came out does not compose.
 */
export const randomGraph = (seed: number): Suite | null => {
  const random = createRandom(seed)
  const draw = (count: number): number => Math.floor(random() * count)
  const subgraphs = ['a', 'b', 'c'].slice(0, 2 + draw(2))
  const entities = ['A', 'B', 'C'].slice(0, 1 + draw(3)).map((name): Entity => {
    const having = subgraphs.filter(() => draw(6) > 0)
    return { name, subgraphs: having.length < 2 ? subgraphs.slice(0, 2) : having, fields: [] }
  })
  const withInterface = draw(2) === 0 ? null : pick(subgraphs, draw)
  const drawing = { draw, entities, withInterface }
  for (const entity of entities) addValues(entity, drawing)
  for (const entity of entities) addRelations(entity, drawing)
  for (let round = 0; round < 3; round += 1) for (const entity of entities) addComputed(entity, drawing)
  const roots = Object.fromEntries(entities.map((entity) => [entity.name, pick(entity.subgraphs, draw)]))
  const graph: Suite = {
    name: `graph ${seed}`,
    folder: '',
    subgraphs: subgraphs.map((name) => ({ name, sdl: sdlOf(name, drawing, roots) })),
    graph: { about: '', ...contentOf(drawing), only: {} },
    supergraph: '',
    cases: [],
  }
  try {
    return { ...graph, supergraph: composeSuite(graph) }
  } catch {
    return null
  }
}

const pick = <T>(all: readonly T[], draw: Drawing['draw']): T => {
  const one = all[draw(all.length)]
  if (one === undefined) throw new Error('nothing to pick')
  return one
}

const addValues = ({ fields, subgraphs }: Entity, { draw }: Drawing): void => {
  const count = 2 + draw(2)
  for (let index = 0; index < count; index += 1)
    fields.push({ name: `v${index}`, owner: pick(subgraphs, draw), type: 'String' })
}

const addRelations = ({ fields, subgraphs }: Entity, { draw, entities, withInterface }: Drawing): void => {
  const count = 1 + draw(3)
  for (let index = 0; index < count; index += 1) {
    const owner = pick(subgraphs, draw)
    const known = entities.filter((one) => one.subgraphs.includes(owner)).map(({ name }) => name)
    const target = owner === withInterface && draw(3) === 0 ? THING : pick(known, draw)
    const type = pick([target, target, `[${target}]`, `[[${target}!]!]`], draw)
    fields.push({ name: `r${index}`, owner, type, target })
  }
}

const THING = 'Thing'

const addComputed = ({ fields, subgraphs }: Entity, { draw, entities }: Drawing): void => {
  const owner = pick(subgraphs, draw)
  const readable = (some: readonly RandomField[]): RandomField[] =>
    some.filter((one) => one.owner !== owner && one.target === undefined)
  const flat = readable(fields).map((field): Input => ({ by: null, field }))
  const nested = fields.flatMap((by): Input[] => {
    const target = entities.find(({ name }) => name === by.type)
    if (by.owner === owner || target?.subgraphs.includes(owner) !== true) return []
    return readable(target.fields).map((field) => ({ by, field }))
  })
  const inputs = [
    ...(flat.length > 0 ? new Set([pick(flat, draw), pick(flat, draw)]) : []),
    ...(nested.length > 0 && draw(4) === 0 ? [pick(nested, draw)] : []),
  ]
  if (inputs.length > 0) fields.push({ name: `c${fields.length}`, owner, type: 'String', inputs })
}

const sdlOf = (subgraph: string, drawing: Drawing, roots: Readonly<Record<string, string>>): string => {
  const { entities, withInterface } = drawing
  const here = entities.filter(({ subgraphs }) => subgraphs.includes(subgraph))
  const asked = here.filter(({ name }) => roots[name] === subgraph)
  const isInterface = subgraph === withInterface && here.length > 0
  const types = here.map((entity) => {
    const lines = [
      'id: ID!',
      ...entity.fields.flatMap((field) => lineOf(field, subgraph)),
      ...externals(entity, subgraph, entities),
    ]
    const behind = isInterface ? ` implements ${THING}` : ''
    return `type ${entity.name}${behind} @key(fields: "id") {\n  ${[...new Set(lines)].join('\n  ')}\n}`
  })
  const queries = asked.map(
    ({ name }) => `${name.toLowerCase()}: ${name} ${name.toLowerCase()}s: [${name}!]!`,
  )
  return [
    LINK,
    ...(queries.length > 0 ? [`type Query { ${queries.join(' ')} }`] : []),
    ...(isInterface ? [`interface ${THING} { ${['id: ID!', ...shared(here, subgraph)].join(' ')} }`] : []),
    ...types,
  ].join('\n')
}

const LINK =
  'extend schema @link(url: "https://specs.apollo.dev/federation/v2.7", import: ["@key", "@external", "@requires"])'

const lineOf = ({ name, owner, type, inputs = [] }: RandomField, subgraph: string): string[] => {
  if (owner !== subgraph) return []
  const read = inputs.map(({ by, field }) => (by === null ? field.name : `${by.name} { ${field.name} }`))
  return [`${name}: ${type}${read.length === 0 ? '' : ` @requires(fields: "${read.join(' ')}")`}`]
}

/** What fields of this subgraph read of an entity. */
const externals = ({ name, fields }: Entity, subgraph: string, entities: readonly Entity[]): string[] => {
  const computed = entities.flatMap((entity) =>
    entity.fields
      .filter(({ owner }) => owner === subgraph)
      .flatMap(({ inputs = [] }) => inputs.map((input) => ({ ...input, reader: entity.name }))),
  )
  const read = computed.flatMap(({ by, field, reader }) => [
    ...(by !== null && reader === name ? [by] : []),
    ...((by?.type ?? reader) === name ? [field] : []),
  ])
  return fields
    .filter((field) => read.includes(field))
    .map((field) => `${field.name}: ${field.type} @external`)
}

/** What all entities of a subgraph have there in the same way. */
const shared = (here: readonly Entity[], subgraph: string): string[] => {
  const [first, ...others] = here.map(({ fields }) =>
    fields.filter(({ owner }) => owner === subgraph).map(({ name, type }) => `${name}: ${type}`),
  )
  return (first ?? []).filter((line) => others.every((lines) => lines.includes(line)))
}

const contentOf = (drawing: Drawing): Pick<Suite['graph'], 'records' | 'roots' | 'rules'> => {
  const { entities } = drawing
  const rules = entities.flatMap(({ name, fields }) =>
    fields.flatMap((field): [string, Rule][] => {
      const read = (field.inputs ?? []).map(
        (one) => `{${one.by === null ? '' : `${one.by.name}.`}${one.field.name}}`,
      )
      return read.length === 0
        ? []
        : [[`${name}.${field.name}`, { text: `${field.name}(${read.join(' ')})` }]]
    }),
  )
  const roots = entities.flatMap(({ name }) => {
    const all = NUMBERS.map((number) => `@${name}/${number}`)
    return [
      [name.toLowerCase(), all[0]],
      [`${name.toLowerCase()}s`, all],
    ]
  })
  return {
    records: Object.fromEntries(entities.map((entity) => [entity.name, recordsOf(entity, drawing)])),
    roots: { Query: Object.fromEntries(roots) as Fields },
    rules: Object.fromEntries(rules),
  }
}

const NUMBERS = ['0', '1', '2']

const recordsOf = ({ name, fields }: Entity, drawing: Drawing): Record<string, Fields> =>
  Object.fromEntries(
    NUMBERS.map((number) => {
      const id = `${name}${number}`
      const values = fields
        .filter(({ inputs }) => inputs === undefined)
        .map((field) => [field.name, valueOf(field, id, drawing)])
      return [number, { id, ...(Object.fromEntries(values) as Fields) }]
    }),
  )

const valueOf = (
  { name, type, target, owner }: RandomField,
  id: string,
  { draw, entities }: Drawing,
): unknown => {
  if (draw(8) === 0) return null
  if (target === undefined) return `${name} of ${id}`
  const known = entities.filter((one) =>
    target === THING ? one.subgraphs.includes(owner) : one.name === target,
  )
  const one = (): string => `@${pick(known, draw).name}/${pick(NUMBERS, draw)}`
  const some = <T>(make: () => T): T[] => Array.from({ length: draw(3) }, make)
  if (type.startsWith('[[')) return some(() => some(one))
  return type.startsWith('[') ? some(one) : one()
}
