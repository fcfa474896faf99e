import { expect } from 'vitest'
import type { AssentError } from '../../gateway/errors.ts'

/** The error that a request ended with; a test that is answered instead fails. */
export const refusal = (asking: Promise<unknown>): Promise<AssentError> =>
  asking.then(
    () => expect.fail('it was answered'),
    (cause: unknown) => cause as AssentError,
  )

/** As `CODE place: measured of most`, to be read at a glance. */
export const told = ({ code, extensions }: AssentError): string =>
  [
    code,
    `${String(extensions['place'])}:`,
    extensions['measured'] ?? 'endless',
    'of',
    extensions['most'],
  ].join(' ')
