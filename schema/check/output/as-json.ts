import type { Report } from '../finding.ts'

/** The report as data: docs/schemas/schema-check-report.v1.json says its shape. */
export const asJson = (report: Report): string =>
  JSON.stringify(
    { $schema: 'https://assent.example/schemas/schema-check-report.v1.json', ...report },
    null,
    2,
  )
