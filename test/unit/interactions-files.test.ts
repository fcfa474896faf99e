import { describe, expect, test } from 'vitest'
import { readInteractions } from '../../subgraphs/recommendations/train/read-interactions.ts'
import { readItems } from '../../subgraphs/recommendations/train/read-items.ts'

const ALL = { list: null, people: null }
const PEOPLE = Array.from({ length: 10 }, (_, at) => `p${at}`)

/** Everybody took tea, and then what the lines say. */
const fileOf = (...lines: readonly string[]): string =>
  ['user,item,timestamp', ...PEOPLE.map((pid) => `${pid},tea,100`), ...lines].join('\n')

describe('A file of interactions', () => {
  test('is read by person, oldest first, each item once', () => {
    const text = fileOf('p3,pot,50', 'p3,cup,2023-11-14T22:13:20Z', 'p3,tea,10', 'p0,"cup, blue",7')
    const { items, baskets } = readInteractions(text, ALL)
    expect(items).toEqual(['cup', 'cup, blue', 'pot', 'tea'])
    expect([...(baskets[3] ?? [])]).toEqual([3, 2, 0])
    expect([...(baskets[0] ?? [])]).toEqual([1, 3])
  })

  test('may say of what value each was: what is not above zero was not taken', () => {
    const rows = PEOPLE.map((pid) => `${pid},tea,1,5`)
    const text = ['\uFEFFuser,item,timestamp,value', ...rows, 'p0,cup,2,0', 'p1,pot,2,0.5', ''].join('\r\n')
    expect(readInteractions(text, ALL).items).toEqual(['pot', 'tea'])
  })

  test('is read of those people alone who are in the training set', () => {
    const text = fileOf('x,pot,1', ...PEOPLE.map((pid) => `${pid},cup,1`))
    const read = readInteractions(text, { list: null, people: new Set(PEOPLE) })
    expect([read.items, read.baskets.length]).toEqual([['cup', 'tea'], 10])
  })

  test.each([
    ['user;item;timestamp', 'line 1, header'],
    ['', 'line 1, header'],
    ['item,user,timestamp\na,b,1', 'line 1, header'],
    [fileOf('p1,cup'), 'line 12, row'],
    [fileOf('p1,"cup,1'), 'line 12, row'],
    [fileOf(',cup,1'), 'line 12, user'],
    [fileOf('p1,,1'), 'line 12, item'],
    [fileOf('', 'p1,cup,yesterday'), 'line 13, timestamp'],
    [fileOf('p1,cup,2023-11-14 22:13'), 'line 12, timestamp'],
    [fileOf('p1,cup,NaN'), 'line 12, timestamp'],
    ['user,item,timestamp,value\np1,cup,1,much', 'line 2, value'],
    ['user,item,timestamp,value\np1,cup,1,1e999', 'line 2, value'],
  ])('with an error is read not at all, and the line is named (%#)', (text, place) => {
    expect(() => readInteractions(text, ALL)).toThrow(place)
  })

  test('of too few people or items is nothing to learn from', () => {
    expect(() => readInteractions('user,item,timestamp\np1,cup,1\np1,tea,2', ALL)).toThrow(/too little/)
    expect(() => readInteractions(fileOf(), ALL)).toThrow(/too little/)
  })

  test('that names an item outside of the public list is refused', () => {
    const list = readItems('item\ntea\ncup')
    expect(() => readInteractions(fileOf('p1,secret,1'), { list, people: null })).toThrow('line 12')
    expect(readInteractions(fileOf(), { list, people: null }).items).toEqual(['cup', 'tea'])
  })
})

describe('A list of items', () => {
  test('has a category for each, or for none', () => {
    const { items, categories } = readItems('item,category\ntea,drink\npot,ware\ncup,ware')
    expect([items, [...(categories ?? [])]]).toEqual([
      ['cup', 'pot', 'tea'],
      [1, 1, 0],
    ])
    expect(readItems('item\ntea\ncup').categories).toBeNull()
  })

  test.each([
    ['sku\ntea', 'line 1, header'],
    ['item,category\ntea', 'line 2, row'],
    ['item,category\ntea,', 'line 2, category'],
    ['item\ntea\ntea', 'line 3'],
  ])('with an error is not read (%#)', (text, place) => {
    expect(() => readItems(text)).toThrow(place)
  })
})
