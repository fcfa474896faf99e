/** Countries and territories: ISO 3166-1 alpha-2. */
export const COUNTRIES: ReadonlySet<string> = words(`
  AD AE AF AG AI AL AM AO AQ AR AS AT AU AW AX AZ BA BB BD BE BF BG BH BI BJ BL BM BN BO BQ BR BS BT
  BV BW BY BZ CA CC CD CF CG CH CI CK CL CM CN CO CR CU CV CW CX CY CZ DE DJ DK DM DO DZ EC EE EG EH
  ER ES ET FI FJ FK FM FO FR GA GB GD GE GF GG GH GI GL GM GN GP GQ GR GS GT GU GW GY HK HM HN HR HT
  HU ID IE IL IM IN IO IQ IR IS IT JE JM JO JP KE KG KH KI KM KN KP KR KW KY KZ LA LB LC LI LK LR LS
  LT LU LV LY MA MC MD ME MF MG MH MK ML MM MN MO MP MQ MR MS MT MU MV MW MX MY MZ NA NC NE NF NG NI
  NL NO NP NR NU NZ OM PA PE PF PG PH PK PL PM PN PR PS PT PW PY QA RE RO RS RU RW SA SB SC SD SE SG
  SH SI SJ SK SL SM SN SO SR SS ST SV SX SY SZ TC TD TF TG TH TJ TK TL TM TN TO TR TT TV TW TZ UA UG
  UM US UY UZ VA VC VE VG VI VN VU WF WS YE YT ZA ZM ZW
`)

/** Subdivisions of countries whose law differs inside them: ISO 3166-2. */
const SUBDIVISIONS: ReadonlySet<string> = new Set([
  ...inside(
    'US',
    `AL AK AZ AR CA CO CT DE FL GA HI ID IL IN IA KS KY LA ME MD MA MI MN MS MO MT NE NV NH NJ NM NY NC ND OH OK
     OR PA RI SC SD TN TX UT VT VA WA WV WI WY DC`,
  ),
  ...inside('CA', 'AB BC MB NB NL NS NT NU ON PE QC SK YT'),
])

/** Whether a region can be written in a bundle: a country, or a subdivision known here. */
export function isPlace(region: string): boolean {
  return COUNTRIES.has(region) || SUBDIVISIONS.has(region)
}

/** The country a subdivision is in; null for everything else. */
export function countryOf(region: string): string | null {
  return SUBDIVISIONS.has(region) ? region.slice(0, 2) : null
}

function words(text: string): ReadonlySet<string> {
  return new Set(text.trim().split(/\s+/))
}

function inside(country: string, text: string): string[] {
  return [...words(text)].map((code) => `${country}-${code}`)
}
