import { recordSuite } from '../../support/conformance/record-suite.ts'
import { loadSuites } from '../../support/conformance/suite.ts'

// Composes suites and fills in what their cases leave out. What it prints are differences between the oracle and our gateway.
for (const suite of loadSuites(process.argv.slice(2)))
  for (const note of await recordSuite(suite)) console.log(note)
