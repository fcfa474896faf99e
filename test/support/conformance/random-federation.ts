import { composeSuite } from './compose-suite.ts'
import { createRandom } from './random-operation.ts'
import type { Fields, Rule, Suite } from './suite.ts'

/**
 * Entities, value types, a union and an interface, each known to other subgraphs in another way: under other keys, with
 * other members, shared, provided, overridden, or as an interface object. `randomGraph` goes deeper into inputs that have
 * inputs; this goes wider. What does not compose is drawn again.
 */
export const randomFederation = (seed: number): Suite | null => {
  for (let attempt = 0; attempt < ATTEMPTS; attempt += 1) {
    const drawn = drawFederation(createRandom(seed * ATTEMPTS + attempt))
    const suite = drawn === null ? null : suiteOf(`federation ${seed}`, drawn)
    try {
      if (suite !== null) return { ...suite, supergraph: composeSuite(suite) }
    } catch {
      // A field that nobody can reach, mostly; the next one.
    }
  }
  return null
}

const ATTEMPTS = 40

type Draw = (count: number) => number

interface Entity {
  readonly name: string
  /** By subgraph: the keys it can be asked with, as field sets. */
  readonly keys: ReadonlyMap<string, readonly string[]>
  readonly fields: Field[]
}

interface Field {
  readonly name: string
  /** More than one share it. */
  readonly owners: readonly string[]
  readonly type: string
  /** The one that had it before. */
  readonly overrides?: string
  readonly arguments?: string
  readonly rule?: Rule
  readonly requires?: readonly Input[]
  readonly provides?: { readonly set: string; readonly fields: readonly Field[] }
}

/** A field of the same object, or of one that a relation leads to. */
interface Input {
  readonly by: Field | null
  readonly field: Field
}

/** A type that several subgraphs have in part: what each of them has of it. */
interface Spread {
  readonly name: string
  readonly parts: ReadonlyMap<string, readonly string[]>
}

/** An interface; and, where it is one object to a subgraph, what that subgraph (`guest`) says of it. */
interface Face extends Spread {
  readonly guest: { readonly home: string; readonly name: string; readonly fields: Field[] } | null
}

interface Federation {
  readonly draw: Draw
  readonly subgraphs: readonly string[]
  readonly entities: readonly Entity[]
  readonly value: Spread
  readonly union: Spread
  readonly faces: readonly Face[]
  readonly roots: Field[]
}

const drawFederation = (random: () => number): Federation | null => {
  const draw: Draw = (count) => Math.floor(random() * count)
  const subgraphs = ['a', 'b', 'c', 'd'].slice(0, 2 + draw(3))
  const names = ['A', 'B', 'C'].slice(0, 1 + draw(3))
  const faces = ['I', 'J'].slice(0, 1 + draw(2)).map((name) => drawFace(name, names, { draw, subgraphs }))
  const entities = names.map((name) => drawEntity(name, faces, { draw, subgraphs }))
  if (entities.some(({ keys }) => keys.size === 0)) return null
  const parts = (of: (known: readonly string[]) => readonly string[]): Map<string, readonly string[]> =>
    new Map(subgraphs.map((subgraph) => [subgraph, of(knownTo(subgraph, entities))]))
  const some = (all: readonly string[]): string[] => all.filter(() => draw(4) > 0)
  const federation: Federation = {
    draw,
    subgraphs,
    entities,
    value: { name: 'V', parts: parts(() => (draw(3) > 0 ? VALUES : some(VALUES))) },
    union: { name: 'U', parts: parts(some) },
    faces: faces.map((face) => (face.guest === null ? { ...face, parts: parts(some) } : face)),
    roots: [],
  }
  for (const entity of entities) addFields(entity, federation)
  for (const entity of entities) addComputed(entity, federation)
  for (const face of federation.faces) addGuestFields(face, federation)
  addRoots(federation)
  return federation
}

type Drawing = Pick<Federation, 'draw' | 'subgraphs'>

/** Who is behind one that is an object somewhere; nobody yet where it is an interface everywhere. */
const drawFace = (name: string, names: readonly string[], { draw, subgraphs }: Drawing): Face => {
  const [home = '', guest = ''] = shuffled(subgraphs, draw)
  if (draw(2) === 0) return { name, parts: new Map(), guest: null }
  const members = names.filter((_, index) => index === 0 || draw(3) > 0)
  return { name, parts: new Map([[home, members]]), guest: { home, name: guest, fields: [] } }
}

/** Known to the homes of its interfaces, and not where they are objects. */
const drawEntity = (name: string, faces: readonly Face[], { draw, subgraphs }: Drawing): Entity => {
  const mine = faces.flatMap(({ guest, parts }) =>
    guest !== null && parts.get(guest.home)?.includes(name) === true ? [guest] : [],
  )
  const isHome = (subgraph: string): boolean => mine.some(({ home }) => home === subgraph)
  const open = subgraphs.filter((subgraph) => mine.every((guest) => guest.name !== subgraph))
  const drawn = open.filter((subgraph) => isHome(subgraph) || draw(5) > 0)
  const known = mine.some(({ home }) => !open.includes(home)) ? [] : drawn.length === 0 ? open : drawn
  const keys = known.map((subgraph) => [subgraph, drawKeys(draw, isHome(subgraph))] as const)
  return { name, keys: new Map(keys), fields: [] }
}

const VALUES = ['x', 'y', 'z']
const KEYS = [['id'], ['id'], ['code'], ['id', 'code'], ['id code'], ['code', 'id']]

const drawKeys = (draw: Draw, isHome: boolean): readonly string[] =>
  isHome ? ['id', ...(draw(2) === 0 ? ['code'] : [])] : pick(KEYS, draw)

const knownTo = (subgraph: string, entities: readonly Entity[]): string[] =>
  entities.filter(({ keys }) => keys.has(subgraph)).map(({ name }) => name)

const addFields = ({ name, keys, fields }: Entity, federation: Federation): void => {
  const { draw } = federation
  const known = [...keys.keys()]
  for (let index = 0; index < 2 + draw(3); index += 1)
    fields.push({
      name: `v${index}`,
      type: pick(['String', 'String', 'Int', '[String]'], draw),
      ...owned(known, draw),
    })
  if (draw(2) === 0)
    fields.push({
      name: 'g',
      type: 'String',
      arguments: '(n: Int, s: String = "d", l: [Int!])',
      rule: { echo: true },
      ...owned(known, draw),
    })
  for (let index = 0; index < 1 + draw(3); index += 1) {
    const owner = pick(known, draw)
    const targets = targetsOf(owner, federation)
    const target = pick(targets, draw)
    const type = pick([target, target, `[${target}]`, `[[${target}!]!]!`], draw)
    const shared = target === 'V' && draw(2) === 0 ? owned(known, draw) : { owners: [owner] }
    fields.push({ name: `r${name}${index}`, type, ...shared, ...provided(type, owner, federation) })
  }
}

/** One owner mostly; several that share it, or one that has taken it over. */
const owned = (known: readonly string[], draw: Draw): Pick<Field, 'owners' | 'overrides'> => {
  const [first = '', second] = shuffled(known, draw)
  const drawn = draw(8)
  if (second !== undefined && drawn === 0) return { owners: [first], overrides: second }
  return { owners: second !== undefined && drawn < 3 ? [first, second] : [first] }
}

/** What a field of this subgraph can lead to. */
const targetsOf = (owner: string, { entities, value, union, faces }: Federation): string[] => [
  ...knownTo(owner, entities),
  ...((value.parts.get(owner) ?? []).length > 0 ? ['V'] : []),
  ...((union.parts.get(owner) ?? []).length > 0 ? ['U'] : []),
  ...faces
    .filter(({ parts, guest }) => (parts.get(owner) ?? []).length > 0 || guest?.name === owner)
    .map(({ name }) => name),
]

/** Values of the entity at the other end that this subgraph has only on this way. */
const provided = (type: string, owner: string, { entities, draw }: Federation): Pick<Field, 'provides'> => {
  const target = entities.find(({ name }) => name === nameIn(type))
  const offered = (target?.fields ?? []).filter((field) => isPlain(field) && !hasField(field, owner))
  const [field] = shuffled(offered, draw)
  return field === undefined || draw(3) > 0 ? {} : { provides: { set: field.name, fields: [field] } }
}

const isPlain = ({ name, overrides }: Field): boolean => name.startsWith('v') && overrides === undefined
const hasField = ({ owners, overrides }: Field, subgraph: string): boolean =>
  owners.includes(subgraph) || overrides === subgraph

const addComputed = ({ keys, fields }: Entity, { draw, value, entities }: Federation): void => {
  for (let index = 0; index < draw(3); index += 1) {
    const owner = pick([...keys.keys()], draw)
    const readable = fields.filter((field) => !hasField(field, owner))
    const flat = readable.filter(isPlain).map((field): Input => ({ by: null, field }))
    const nested = readable.flatMap((by): Input[] => {
      if (by.type === 'V' && (value.parts.get(owner) ?? []).includes('x')) return [{ by, field: X }]
      const target = entities.find(({ name }) => name === by.type)
      if (target?.keys.has(owner) !== true) return []
      return target.fields
        .filter((field) => isPlain(field) && !hasField(field, owner))
        .map((field) => ({ by, field }))
    })
    const inputs = [
      ...shuffled(flat, draw).slice(0, 1 + draw(2)),
      ...(draw(2) === 0 ? shuffled(nested, draw).slice(0, 1) : []),
    ]
    if (inputs.length > 0) fields.push(computed(`c${index}`, owner, inputs))
  }
}

const X: Field = { name: 'x', type: 'String', owners: [] }

const computed = (name: string, owner: string, inputs: readonly Input[]): Field => ({
  name,
  type: 'String',
  owners: [owner],
  requires: inputs,
  rule: {
    text: `${name}(${inputs.map(({ by, field }) => `{${by === null ? '' : `${by.name}.`}${field.name}}`).join(' ')})`,
  },
})

const addGuestFields = (face: Face, federation: Federation): void => {
  const { draw, entities } = federation
  const { guest, name: of, parts } = face
  if (guest === null) return
  const owners = [guest.name]
  guest.fields.push({ name: `e${of}0`, type: 'String', owners })
  if (draw(2) === 0)
    guest.fields.push({
      name: `e${of}1`,
      type: 'String',
      arguments: '(n: Int)',
      rule: { echo: true },
      owners,
    })
  if (draw(2) === 0)
    guest.fields.push({ name: `e${of}2`, type: pick(targetsOf(guest.name, federation), draw), owners })
  const [input] = faceFields(face, guest.home, federation).filter(isPlain)
  if (input !== undefined && draw(2) === 0)
    guest.fields.push(computed(`e${of}3`, guest.name, [{ by: null, field: input }]))
  for (const { name, fields } of entities)
    if (parts.get(guest.home)?.includes(name) === true) fields.push(...guest.fields)
}

const addRoots = (federation: Federation): void => {
  const { draw, entities, subgraphs, roots } = federation
  for (const { name, keys } of entities) {
    const lower = name.toLowerCase()
    const known = [...keys.keys()]
    const one = { name: lower, type: name, arguments: '(id: ID!)', rule: { find: name, by: { id: 'id' } } }
    roots.push({ ...one, owners: shuffled(known, draw).slice(0, 1 + draw(2)) })
    roots.push({
      name: `${lower}s`,
      type: `[${name}!]!`,
      owners: shuffled(known, draw).slice(0, 1 + draw(2)),
    })
  }
  for (const subgraph of subgraphs) {
    const [target] = shuffled(
      targetsOf(subgraph, federation).filter((name) => /[UIJV]/.test(name)),
      draw,
    )
    if (target !== undefined)
      roots.push({ name: `all${target}${subgraph}`, type: `[${target}]`, owners: [subgraph] })
  }
}

/** The subgraphs' SDL, and what is in them. */
const suiteOf = (name: string, federation: Federation): Suite => ({
  name,
  folder: '',
  subgraphs: federation.subgraphs.map((subgraph) => ({ name: subgraph, sdl: sdlOf(subgraph, federation) })),
  graph: { about: '', ...contentOf(federation), only: staleIn(federation) },
  supergraph: '',
  cases: [],
})

const sdlOf = (subgraph: string, federation: Federation): string => {
  const { entities, value, union, faces, roots } = federation
  const asked = roots.filter((root) => hasField(root, subgraph)).map((root) => lineOf(root, subgraph))
  const list = value.parts.get(subgraph) ?? []
  const members = union.parts.get(subgraph) ?? []
  return [
    LINK,
    ...(asked.length === 0 ? [] : [block('type Query', asked)]),
    ...entities.flatMap((entity) => entitySdl(entity, subgraph, federation)),
    ...(list.length === 0
      ? []
      : [
          block(
            'type V @shareable',
            list.map((field) => `${field}: String`),
          ),
        ]),
    ...(members.length === 0 ? [] : [`union U = ${members.join(' | ')}`]),
    ...faces.flatMap((face) => faceSdl(face, subgraph, federation)),
  ].join('\n')
}

const faceSdl = (face: Face, subgraph: string, federation: Federation): string[] => {
  const { name, guest, parts } = face
  if (guest?.name === subgraph)
    return [
      block(`type ${name} @key(fields: "id") @interfaceObject`, [
        'id: ID!',
        ...guest.fields.map((field) => lineOf(field, subgraph)),
        ...guest.fields
          .flatMap(({ requires = [] }) => requires)
          .map(({ field }) => `${field.name}: ${field.type} @external`),
      ]),
    ]
  if ((parts.get(subgraph) ?? []).length === 0) return []
  const fields = faceFields(face, subgraph, federation).map((field) => `${field.name}: ${field.type}`)
  return guest === null
    ? [block(`interface ${name}`, fields)]
    : [block(`interface ${name} @key(fields: "id")`, ['id: ID!', ...fields])]
}

const LINK =
  'extend schema @link(url: "https://specs.apollo.dev/federation/v2.7", import: ["@key", "@external", "@requires", "@provides", "@shareable", "@override", "@interfaceObject"])'

const block = (head: string, lines: readonly string[]): string =>
  `${head} {\n  ${[...new Set(lines)].join('\n  ')}\n}`

const entitySdl = (entity: Entity, subgraph: string, federation: Federation): string[] => {
  const { faces } = federation
  const keys = entity.keys.get(subgraph)
  if (keys === undefined) return []
  const mine = faces.filter(({ parts }) => parts.get(subgraph)?.includes(entity.name) === true)
  const implementing = mine.length === 0 ? '' : ` implements ${mine.map(({ name }) => name).join(' & ')}`
  const own = entity.fields.filter((field) => hasField(field, subgraph) && !isGuests(field))
  return [
    block(`type ${entity.name}${implementing} ${keys.map((key) => `@key(fields: "${key}")`).join(' ')}`, [
      ...keys.flatMap((key) => key.split(' ')).map((key) => `${key}: ${key === 'id' ? 'ID!' : 'String!'}`),
      ...own.map((field) => lineOf(field, subgraph)),
      ...externalsOf(entity, subgraph, federation).map((field) => `${field.name}: ${field.type} @external`),
    ]),
  ]
}

const isGuests = ({ name }: Field): boolean => name.startsWith('e')

/** What is read of an entity that is another's, and what is given along on a way to it. */
const externalsOf = ({ name, fields }: Entity, subgraph: string, { entities }: Federation): Field[] => {
  const reading = (some: readonly Field[]): Input[] =>
    some
      .filter((one) => one.owners.includes(subgraph) && !isGuests(one))
      .flatMap(({ requires = [] }) => requires)
  const all = entities.flatMap((one) => one.fields)
  return [
    ...reading(fields).map(({ by, field }) => by ?? field),
    ...reading(all).flatMap(({ by, field }) => (by?.type === name ? [field] : [])),
    ...all
      .filter(({ owners, type }) => owners.includes(subgraph) && nameIn(type) === name)
      .flatMap(({ provides }) => provides?.fields ?? []),
  ].filter((field) => !hasField(field, subgraph))
}

/** What all entities behind an interface have in a subgraph in the same way. */
const faceFields = ({ parts }: Face, subgraph: string, { entities }: Federation): Field[] => {
  const names = parts.get(subgraph) ?? []
  const [first, ...others] = entities.filter(({ name }) => names.includes(name))
  const isIn = ({ fields }: Entity, { name, type }: Field): boolean =>
    fields.some((field) => field.name === name && field.type === type && hasField(field, subgraph))
  return (first?.fields ?? []).filter(
    (field) =>
      field.name.startsWith('v') && hasField(field, subgraph) && others.every((other) => isIn(other, field)),
  )
}

const lineOf = (field: Field, subgraph: string): string => {
  const { name, type, owners, overrides, requires, provides } = field
  const isOwner = owners.includes(subgraph)
  return [
    `${name}${field.arguments ?? ''}: ${type}`,
    ...(owners.length > 1 ? ['@shareable'] : []),
    ...(isOwner && overrides !== undefined ? [`@override(from: "${overrides}")`] : []),
    ...(isOwner && requires !== undefined ? [`@requires(fields: "${setOf(requires)}")`] : []),
    ...(isOwner && provides !== undefined ? [`@provides(fields: "${provides.set}")`] : []),
  ].join(' ')
}

/** Whoever had a field before answers something else. */
const staleIn = ({ entities }: Federation): Suite['graph']['only'] => {
  const stale: Record<string, Record<string, Record<string, Fields>>> = {}
  for (const { name, fields } of entities)
    for (const { name: field, overrides, type } of fields) {
      if (overrides === undefined || !isLeaf(type)) continue
      const there = ((stale[overrides] ??= {})[name] ??= {})
      for (const number of NUMBERS) there[number] = { ...there[number], [field]: staleOf(type) }
    }
  return stale
}

const isLeaf = (type: string): boolean => /^\[?(String|Int)\]?$/.test(type)
const staleOf = (type: string): unknown => (type === 'Int' ? -1 : type === 'String' ? 'stale' : ['stale'])

const setOf = (requires: readonly Input[]): string =>
  requires.map(({ by, field }) => (by === null ? field.name : `${by.name} { ${field.name} }`)).join(' ')

const contentOf = (federation: Federation): Pick<Suite['graph'], 'records' | 'roots' | 'rules'> => {
  const { entities, roots } = federation
  const ruled = (type: string, fields: readonly Field[]): [string, Rule][] =>
    fields.flatMap(({ name, rule }) => (rule === undefined ? [] : [[`${type}.${name}`, rule]]))
  const plain = roots.filter(({ rule }) => rule === undefined)
  return {
    records: Object.fromEntries(entities.map((entity) => [entity.name, recordsOf(entity, federation)])),
    roots: { Query: Object.fromEntries(plain.map((root) => [root.name, rootOf(root, federation)])) },
    rules: Object.fromEntries([
      ...entities.flatMap(({ name, fields }) => ruled(name, fields)),
      ...ruled('Query', roots),
    ]),
  }
}

const NUMBERS = ['0', '1', '2']

const rootOf = ({ type, owners }: Field, federation: Federation): unknown => {
  const [owner = ''] = owners
  const name = nameIn(type)
  return recordsBehind(name, owner, federation) ?? [valueObject('root', federation), null]
}

/** References to everything that a subgraph can name where this type is wanted; null for a value. */
const recordsBehind = (name: string, owner: string, { entities, union, faces }: Federation) => {
  if (name === 'V') return null
  const face = faces.find((one) => one.name === name)
  const behind = face?.parts.get(face.guest?.name === owner ? face.guest.home : owner)
  const types = face !== undefined ? behind : name === 'U' ? union.parts.get(owner) : [name]
  return entities
    .filter((entity) => types?.includes(entity.name) === true)
    .flatMap((entity) => NUMBERS.map((number) => `@${entity.name}/${number}`))
}

const recordsOf = ({ name, fields }: Entity, federation: Federation): Record<string, Fields> =>
  Object.fromEntries(
    NUMBERS.map((number) => {
      const id = `${name}${number}`
      const values = fields
        .filter(({ rule }) => rule === undefined)
        .map((field) => [field.name, valueOf(field, id, federation)])
      return [number, { id, code: `c-${id}`, ...(Object.fromEntries(values) as Fields) }]
    }),
  )

const valueOf = ({ name, type, owners }: Field, id: string, federation: Federation): unknown => {
  const { draw } = federation
  if (draw(8) === 0 && !type.endsWith('!')) return null
  if (type === 'Int') return draw(100)
  if (type === '[String]') return [`${name} of ${id}`, null]
  if (type === 'String') return `${name} of ${id}`
  const [owner = ''] = owners
  const records = recordsBehind(nameIn(type), owner, federation)
  const one = (): unknown =>
    records === null ? valueObject(`${name} of ${id}`, federation) : pick(records, draw)
  const some = <T>(make: () => T): T[] => Array.from({ length: draw(3) }, make)
  if (type.startsWith('[[')) return some(() => some(one))
  return type.startsWith('[') ? some(one) : one()
}

const valueObject = (of: string, { draw }: Federation): Fields =>
  Object.fromEntries(VALUES.map((field) => [field, draw(6) === 0 ? null : `${field} of ${of}`]))

const nameIn = (type: string): string => type.replaceAll(/[[\]!]/g, '')

const pick = <T>(all: readonly T[], draw: Draw): T => {
  const one = all[draw(all.length)]
  if (one === undefined) throw new Error('nothing to pick')
  return one
}

const shuffled = <T>(all: readonly T[], draw: Draw): T[] =>
  all
    .map((one) => ({ one, place: draw(1_000_000) }))
    .toSorted((a, b) => a.place - b.place)
    .map(({ one }) => one)
