import { appliedWord } from '../../directives/applied-words.ts'
import type { DataContract } from '../../directives/data-contract.ts'
import { namedType } from '../supergraph.ts'
import type { Subject } from './cedar-rules.ts'
import type { Declared } from './declarations.ts'
import { eventsOf } from './events-of.ts'
import { featuresOf } from './features-of.ts'
import type { Place } from './finding.ts'
import { looksPersonal } from './looks-personal.ts'
import { contractAt, typeOf } from './places.ts'
import type { Side } from './side.ts'

export interface Placed {
  readonly subject: Omit<Subject, 'isNew'>
  readonly source: Place
}

/** Every field that rules are asked about, of schemas, events and features, by who declares it and its coordinate. */
export const ruleSubjects = (side: Side): ReadonlyMap<string, Placed> =>
  new Map(
    [...fieldsOf(side), ...eventFields(side), ...featureFields(side)].map((one) => [
      `${one.subject.declaredBy} ${one.subject.coordinate}`,
      one,
    ]),
  )

const fieldsOf = (side: Side): Placed[] =>
  [...side.declared.values()].flatMap((places) =>
    places
      .filter(({ kind }) => kind === 'field')
      .map((one) => ({ subject: fieldSubject(side, one), source: one.place })),
  )

const PERSONAL = /^(contact|identifier|personal|pii|special|sensitive)$/i

const fieldSubject = (side: Side, declared: Declared): Placed['subject'] => {
  const { coordinate, subgraph, type, description } = declared
  const parent = typeOf(coordinate)
  const name = coordinate.slice(parent.length + 1)
  const protection = side.graph?.protection.protections.get(coordinate)
  const named = type === null ? '' : namedType(type)
  const isPersons = side.graph?.protection.subjects.has(parent) ?? false
  const terms = contractAt(side, coordinate) ?? UNSAID
  return {
    coordinate,
    declaredBy: subgraph,
    name,
    parent,
    type: named,
    kind: 'schema',
    isProtected: protection !== undefined,
    isIdentifier:
      PERSONAL.test(terms.classification ?? '') ||
      looksPersonal({ type: parent, field: name, named, description, isPersons }) !== null,
    scopes: [...new Set(protection?.clauses.flatMap(({ anyOf }) => anyOf.flat()))],
    purposes: terms.purpose,
    consumers: terms.consumers,
    tags: tagsOf(declared),
    classification: terms.classification ?? '',
    owner: terms.owner,
    disposition: terms.disposition ?? '',
  }
}

const UNSAID: Pick<DataContract, 'purpose' | 'consumers' | 'classification' | 'owner' | 'disposition'> = {
  purpose: [],
  consumers: [],
  classification: null,
  owner: '',
  disposition: null,
}

const tagsOf = ({ directives }: Declared): string[] =>
  directives
    .flatMap(appliedWord)
    .flatMap(({ name: word, arguments: { name: tag } }) =>
      /(^|__)tag$/.test(word) && typeof tag === 'string' ? [tag] : [],
    )

const eventFields = (side: Side): Placed[] => {
  const { contracts, places } = eventsOf(side)
  return contracts.flatMap((contract) =>
    [...contract.fields.properties].map(([name, field]) => ({
      subject: {
        coordinate: `event ${contract.type}@${contract.version} ${name}`,
        declaredBy: 'events',
        name,
        parent: contract.type,
        type: field.type,
        kind: 'event' as const,
        isProtected: contract.scope !== null,
        isIdentifier:
          looksPersonal({
            type: contract.type,
            field: name,
            named: 'String',
            description: '',
            isPersons: false,
          }) !== null,
        scopes: contract.scope === null ? [] : [contract.scope],
        purposes: contract.purpose,
        consumers: contract.consumers,
        tags: [],
        classification: field.classification ?? '',
        owner: contract.owner,
        disposition: field.disposition ?? contract.disposition,
      },
      source:
        places.get(`${contract.type}@${contract.version}`)?.at(['fields', 'properties', name]) ?? NOWHERE,
    })),
  )
}

const NOWHERE: Place = { file: '', line: 1, column: 1 }

const featureFields = (side: Side): Placed[] => {
  const { definitions, places } = featuresOf(side)
  return definitions.map(
    ({ name, field, type, scope, purpose, consumers, owner, disposition, description }) => ({
      subject: {
        coordinate: `feature ${name}`,
        declaredBy: 'features',
        name: field,
        parent: 'feature',
        type,
        kind: 'feature' as const,
        isProtected: true,
        isIdentifier:
          looksPersonal({ type: 'feature', field, named: type, description, isPersons: false }) !== null,
        scopes: [scope],
        purposes: purpose,
        consumers,
        tags: [],
        classification: '',
        owner,
        disposition,
      },
      source: places.get(name)?.at(['field']) ?? NOWHERE,
    }),
  )
}
