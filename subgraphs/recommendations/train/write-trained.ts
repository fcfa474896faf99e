import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { ModelCard, ModelSource } from './model.ts'
import { makeModelDirectory } from './model-directory.ts'
import { writeModel } from './model-files.ts'
import type { Trained } from './train-model.ts'

export interface WhatWasAsked {
  readonly output: string
  readonly delta: number
  readonly testSeed: number | null
  readonly items: readonly string[]
  readonly source: ModelSource
  /** What stays in the house, by the name of the file. */
  readonly beside: ReadonlyMap<string, string>
}

/** What stays in the house first, then the model, and of it the card last. */
export const writeTrained = (trained: Trained, asked: WhatWasAsked): ModelCard => {
  const { factors, kind, people, gain } = trained
  makeModelDirectory(asked.output)
  for (const [name, text] of asked.beside) writeFileSync(join(asked.output, name), text, { mode: 0o600 })
  const model = {
    items: asked.items,
    dims: factors.dims,
    factors: Float32Array.from(factors.vectors),
    bias: Float32Array.from(factors.bias),
  }
  return writeModel(asked.output, model, {
    kind,
    people,
    privacy: {
      unit: 'one person',
      neighbours: 'added or removed',
      epsilon: trained.epsilon,
      delta: asked.delta,
      accountant: trained.accountant,
      releases: trained.releases,
      choice: trained.choice,
    },
    source: asked.source,
    quality: { gain },
    popularity: 'everywhere',
    testSeed: asked.testSeed,
  })
}
