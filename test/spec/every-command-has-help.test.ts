import type { Command } from 'commander'
import { describe, expect, test } from 'vitest'
import { everyCommand, programOf } from '../../cli/program.ts'

const nameOf = (command: Command): string =>
  command.parent === null ? command.name() : `${nameOf(command.parent)} ${command.name()}`

/** All that `--help` prints, with what is added below the options. */
const helpOf = (command: Command): string => {
  let said = ''
  command.configureOutput({ writeOut: (text) => void (said += text) })
  command.outputHelp()
  return said
}

const commands = everyCommand(await programOf(undefined))

describe('every command explains itself', () => {
  test('and there are many', () => {
    expect(commands.length).toBeGreaterThan(60)
  })

  test.each(commands.map((command) => [nameOf(command), command] as const))('%s --help', (name, command) => {
    const help = helpOf(command)
    expect(help).toContain(`Usage: ${name}`)
    expect(help).not.toMatch(/undefined|\[object|NaN/)
    expect(command.description()).not.toBe('')
    for (const argument of command.registeredArguments)
      expect(argument.description, argument.name()).not.toBe('')
    for (const option of command.options) expect(option.description, option.flags).not.toBe('')
  })
})
