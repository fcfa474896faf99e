import { once } from 'node:events'
import { createWriteStream, renameSync, rmSync, statSync, type WriteStream } from 'node:fs'
import { dirname } from 'node:path'
import { EXIT } from './exit-code.ts'

export interface AtomicFile {
  /** Waits while the disk is slower than what is written. */
  write(text: string): Promise<void>
}

/**
 * Files that are there whole or not at all: written beside their place and moved there together at the end. Until then
 * what stood there before stands there still.
 */
export const withAtomicFiles = async (
  paths: readonly string[],
  work: (files: readonly AtomicFile[]) => Promise<void>,
): Promise<void> => {
  const drafts = paths.map(draftOf)
  const streams = drafts.map(({ draft }) => createWriteStream(draft))
  const failed = Promise.race(
    streams.map(async (stream): Promise<never> => fail(await once(stream, 'error'))),
  )
  const remove = (): void => {
    for (const { draft, path } of drafts) if (draft !== path) rmSync(draft, { force: true })
  }
  // A signal alone ends a process without telling it.
  const stop = (): never => process.exit(EXIT.failed)
  process.once('exit', remove).once('SIGINT', stop).once('SIGTERM', stop)
  try {
    await Promise.race([failed, work(streams.map((stream) => ({ write: (text) => writeTo(stream, text) })))])
    await Promise.race([failed, Promise.all(streams.map(ended))])
    for (const { draft, path } of drafts) if (draft !== path) renameSync(draft, path)
  } catch (problem) {
    for (const stream of streams) stream.destroy()
    throw problem
  } finally {
    remove()
    process.off('exit', remove).off('SIGINT', stop).off('SIGTERM', stop)
  }
}

/** To be told before any work is done. Null: nothing is known against it. A pipe or a device is written as it is. */
export const whyUnwritable = (path: string): string | null => {
  if (!isDirectory(dirname(path))) return `there is no directory ${dirname(path)}`
  return isDirectory(path) ? `${path} is a directory` : null
}

const draftOf = (path: string): { path: string; draft: string } => {
  const there = statSync(path, { throwIfNoEntry: false })
  return { path, draft: there === undefined || there.isFile() ? `${path}.${process.pid}.part` : path }
}

const writeTo = async (stream: WriteStream, text: string): Promise<void> => {
  if (!stream.write(text)) await once(stream, 'drain')
}

const ended = async (stream: WriteStream): Promise<void> => {
  stream.end()
  await once(stream, 'finish')
}

const fail = ([problem]: readonly unknown[]): never => {
  throw problem
}

const isDirectory = (path: string): boolean =>
  statSync(path, { throwIfNoEntry: false })?.isDirectory() === true
