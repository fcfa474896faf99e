import { InvalidArgumentError } from 'commander'
import { readDuration } from '../subgraphs/events/contracts/iso-duration.ts'

/** A flag that names a length of time: an ISO 8601 duration in whole numbers. */
export const isoPeriod = (written: string): string => {
  if (readDuration(written) === null)
    throw new InvalidArgumentError('write an ISO 8601 duration, for example P30D.')
  return written
}
