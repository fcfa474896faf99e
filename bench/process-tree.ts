import { execFileSync } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'

/** What a process and everything it has started hold. CPU counts user and system time of all threads. */
export interface TreeUse {
  readonly cpuMs: number
  readonly rssMiB: number
}

export const useOfTree = (root: number): TreeUse => {
  const rows = process.platform === 'linux' ? procRows() : psRows()
  const inTree = new Set([root])
  // Children are younger than their parents, but pids wrap: repeat until nothing is added.
  for (let size = 0; size !== inTree.size;) {
    size = inTree.size
    for (const { pid, parent } of rows) if (inTree.has(parent)) inTree.add(pid)
  }
  // The transpiler beside a program that runs from its sources belongs to this bench, not to the program.
  const tree = rows.filter(({ pid, name }) => inTree.has(pid) && name !== 'esbuild')
  return {
    cpuMs: tree.reduce((sum, { cpuMs }) => sum + cpuMs, 0),
    rssMiB: tree.reduce((sum, { rssMiB }) => sum + rssMiB, 0),
  }
}

interface Row extends TreeUse {
  readonly pid: number
  readonly parent: number
  readonly name: string
}

/** Linux counts in hundredths of a second and pages of 4 KiB (`getconf CLK_TCK`, `getconf PAGESIZE`). */
const MS_PER_TICK = 10
const PAGES_PER_MIB = 256

const procRows = (): Row[] =>
  readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((name) => {
      try {
        return [readStat(readFileSync(`/proc/${name}/stat`, 'utf8'))]
      } catch {
        return []
      }
    })

/** See proc(5): the name stands in parentheses and may hold anything; user and system time are fields 14 and 15, RSS is 24. */
const readStat = (stat: string): Row => {
  const nameEnd = stat.lastIndexOf(')')
  const fields = stat.slice(nameEnd + 2).split(' ')
  const field = (number: number): number => Number(fields[number - 3])
  return {
    pid: Number.parseInt(stat, 10),
    parent: field(4),
    name: stat.slice(stat.indexOf('(') + 1, nameEnd),
    cpuMs: (field(14) + field(15)) * MS_PER_TICK,
    rssMiB: field(24) / PAGES_PER_MIB,
  }
}

const psRows = (): Row[] =>
  execFileSync('ps', ['-A', '-o', 'pid=,ppid=,rss=,time=,comm='], { encoding: 'utf8' })
    .trim()
    .split('\n')
    .map((line) => {
      const [pid, parent, rss, time = '', ...name] = line.trim().split(/ +/)
      const seconds = time.split(/[:-]/).reduce((sum, part) => sum * 60 + Number(part), 0)
      return {
        pid: Number(pid),
        parent: Number(parent),
        name: name.join(' ').split('/').at(-1) ?? '',
        cpuMs: seconds * 1000,
        rssMiB: Number(rss) / 1024,
      }
    })
