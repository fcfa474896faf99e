import { describe, expect, test } from 'vitest'
import { checkHistory } from './check-history.ts'
import type { Answered, History, Statement } from './history.ts'

const ADA = { person: 'ada', scope: 'contact' }

const said = (status: Statement['status'], start: number, more: Partial<Statement> = {}): Statement => ({
  ...ADA,
  status,
  start,
  end: start + 1,
  effective: start + 2,
  revision: String(start),
  expiresAt: Number.POSITIVE_INFINITY,
  ...more,
})
const answer = (start: number, end: number, more: Partial<Answered> = {}): Answered => ({
  gateway: 'one',
  start,
  end,
  notBefore: null,
  shown: [ADA],
  ...more,
})
const found = (history: Partial<History>): string[] =>
  checkHistory({ statements: [], requests: [], answers: [], ...history }).map(({ rule }) => rule)

const GIVEN = said('given', 10)

describe('The history checker', () => {
  test.each<[string, Partial<History>, string[]]>([
    ['a yes may be used', { statements: [GIVEN], answers: [answer(20, 21)] }, []],
    ['and as soon as it is being said', { statements: [GIVEN], answers: [answer(9, 10.5)] }, []],
    ['nobody ever said yes', { answers: [answer(20, 21)] }, ['shown without a yes']],
    ['nobody had yet', { statements: [GIVEN], answers: [answer(2, 3)] }, ['shown without a yes']],
    [
      'a withdrawal that is not in force yet',
      { statements: [GIVEN, said('withdrawn', 20, { effective: 30 })], answers: [answer(25, 29)] },
      [],
    ],
    [
      'a withdrawal in force, by what is answered',
      { statements: [GIVEN, said('withdrawn', 20, { effective: 30 })], answers: [answer(25, 30)] },
      ['answered after a withdrawal in force'],
    ],
    [
      'a withdrawal in force, by what is sent',
      {
        statements: [GIVEN, said('withdrawn', 20)],
        requests: [{ gateway: 'one', at: 23, carried: [ADA] }],
      },
      ['sent after a withdrawal in force'],
    ],
    [
      'another scope of the same person',
      {
        statements: [GIVEN, said('withdrawn', 20, { scope: 'profiling' })],
        answers: [answer(25, 30)],
      },
      [],
    ],
    [
      'given again',
      { statements: [GIVEN, said('withdrawn', 20), said('given', 30)], answers: [answer(31, 32)] },
      [],
    ],
    [
      'given by somebody else at the same moment, and nobody knows who was last',
      {
        statements: [said('given', 20, { revision: null, end: 40 }), said('withdrawn', 21)],
        answers: [answer(31, 32)],
      },
      [],
    ],
    [
      'given by somebody else at the same moment, and before',
      {
        statements: [said('given', 20, { revision: '1', end: 40 }), said('withdrawn', 21, { revision: '2' })],
        answers: [answer(31, 32)],
      },
      ['answered after a withdrawal in force'],
    ],
    [
      'a yes that has run out',
      { statements: [said('given', 10, { expiresAt: 20 })], answers: [answer(15, 20)] },
      ['answered after a withdrawal in force'],
    ],
    [
      'who knows of a withdrawal that is not in force yet',
      {
        statements: [GIVEN, said('withdrawn', 20, { effective: Number.POSITIVE_INFINITY })],
        answers: [answer(25, 30, { notBefore: '20' })],
      },
      ['went back behind the revision of the session'],
    ],
    [
      'who knows of an earlier one',
      {
        statements: [GIVEN, said('withdrawn', 20, { effective: Number.POSITIVE_INFINITY })],
        answers: [answer(25, 30, { notBefore: '19' })],
      },
      [],
    ],
  ])('%s', (_name, history, rules) => {
    expect(found(history)).toEqual(rules)
  })
})
