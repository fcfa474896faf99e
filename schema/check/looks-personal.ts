import { looksLikeAPerson } from '../../subgraphs/events/contracts/raw-identifier.ts'

/** What is known of a field before anybody says what it is. */
export interface Looked {
  readonly type: string
  readonly field: string
  /** Name of the type it returns. */
  readonly named: string
  readonly description: string
  /** Whether the type belongs to a person. */
  readonly isPersons: boolean
}

/**
 * Why a field looks like personal data (GDPR Art. 4(1)), or null. A word that names a person by itself counts anywhere;
 * one that things have, too, counts on people alone. Counts, flags and settings about such a word say nothing of anybody.
 */
export const looksPersonal = ({ type, field, named, description, isPersons }: Looked): string | null => {
  const words = wordsOf(field)
  const isReader = isText(named)
  if (isReader && hasSample(description)) return 'a sample in its description looks like one'
  if (saysNothing(words, named)) return null
  const isPerson = isPersons || wordsOf(type).some((word) => PEOPLE.has(word))
  if (isPerson && matches(words, ON_PEOPLE)) return 'its name says so, on a person'
  if (!isPerson && wordsOf(type).some((word) => ORGANISATIONS.has(word)))
    return matches(words, SECRET) ? 'its name says so' : null
  if (matches(words, ALWAYS)) return 'its name says so'
  return isReader ? whyByMore(named, description) : null
}

const whyByMore = (named: string, description: string): string | null => {
  if (!SCALARS.has(named) && matches(wordsOf(named), TYPES)) return 'its type says so'
  return DESCRIBED.test(fold(description)) ? 'its description says so' : null
}

/** About such a word, the name of a thing, a flag or a count. */
const saysNothing = (words: readonly string[], named: string): boolean =>
  named === 'Boolean' || words.some((word) => ABOUT.has(word)) || isOfThing(words) || isCount(words, named)

/** `customerEMail2` → customer, e, mail; `geburts_datum` → geburts, datum; `TÉLÉPHONE` → telephone. */
const wordsOf = (name: string): readonly string[] =>
  fold(name.replaceAll(/(\p{Ll}|\d)(\p{Lu})/gu, '$1 $2').replaceAll(/(\p{Lu})(\p{Lu}\p{Ll})/gu, '$1 $2'))
    .split(/[^a-z0-9]+/)
    .map((word) => word.replace(/\d+$/, ''))
    .filter(Boolean)

const fold = (text: string): string =>
  text.normalize('NFD').replaceAll(/\p{M}/gu, '').replaceAll('ß', 'ss').toLowerCase()

const SCALARS: ReadonlySet<string> = new Set(['ID', 'String', 'Int', 'Float', 'Boolean'])

const isText = (named: string): boolean => !['Int', 'Float', 'Boolean'].includes(named)

/** How many, how often, whether: `emailOpens30d: Int`. A year of birth or an age is a number, too. */
const isCount = (words: readonly string[], named: string): boolean =>
  (named === 'Int' || named === 'Float') &&
  !words.some((word) => NUMBERS.has(word)) &&
  !matches(words, SECRET)

/** Runs of words, joined, stand in a list: `date of birth` is found in `customer_date_of_birth`. */
const matches = (words: readonly string[], list: ReadonlySet<string>): boolean => {
  for (let from = 0; from < words.length; from++)
    for (let joined = '', to = from; to < Math.min(words.length, from + 4); to++) {
      joined += words[to] ?? ''
      if (list.has(joined)) return true
    }
  return false
}

const set = (text: string): ReadonlySet<string> => new Set(text.split(/\s+/).filter(Boolean))

const NUMBERS = set(
  'birth birthyear age alter edad idade eta lat lng lon latitude longitude ssn phone mobile msisdn',
)

/** Of somebody, wherever it stands. */
const SECRET = set(`
  ssn socialsecurity socialsecuritynumber nationalid nationalinsurancenumber nin taxid taxnumber tin passport passportnumber passportno
  driverslicense drivinglicence driverlicense licenseplate iban creditcard creditcardnumber cardnumber pan cvv
  birthdate dateofbirth dob birthday birthyear yearofbirth placeofbirth birthplace
  geburtsdatum geburtstag geburtsort geburtsjahr sozialversicherungsnummer svnr steuernummer steueridentifikationsnummer steuerid personalausweis personalausweisnummer reisepass
  datedenaissance naissance numerosecu nir carteidentite numerosecuritesociale
  fechadenacimiento fechanacimiento dni nif pasaporte segurosocial
  datadinascita datanascita codicefiscale passaporto datanascimento cpf
  geboortedatum bsn burgerservicenummer personnummer pesel
  bloodtype diagnosis medicalrecord healthrecord religion ethnicity sexualorientation politicalopinion tradeunion biometric fingerprint
  blutgruppe diagnose gesundheit konfession gewerkschaft
`)

const ALWAYS: ReadonlySet<string> = new Set([
  ...SECRET,
  ...set(`
    email emailaddress emails mail mailaddress phone phonenumber phones telephone telephonenumber mobile mobilenumber mobilephone cellphone cell msisdn fax
    firstname givenname forename lastname surname familyname middlename maidenname fullname
    homeaddress streetaddress postaladdress mailingaddress billingaddress shippingaddress deliveryaddress residentialaddress
    ip ipaddress ipv remoteaddr idfa gaid imei imsi macaddress deviceid advertisingid
    gender sexe geschlecht
    telefon telefonnummer handy handynummer mobilnummer mobiltelefon vorname nachname familienname mailadresse emailadresse wohnadresse anschrift rufnummer kontonummer
    courriel telephonenumero numerotelephone numerodetelephone portable prenom nomdefamille adressepostale adressemail
    correo correoelectronico telefono numerodetelefono movil apellido apellidos nombrecompleto direccionpostal
    cognome cellulare indirizzo telefone sobrenome celular endereco
    voornaam achternaam telefoonnummer telefoonnumer mobielnummer
  `),
])

/** Of somebody where it stands on a person; of a thing elsewhere. */
const ON_PEOPLE = set(`
  name names displayname nickname username login alias salutation title anrede
  address street streetname housenumber zip zipcode postcode postalcode city town plz adresse strasse hausnummer ort wohnort
  nom adresse rue ville codepostal nombre direccion calle ciudad nome via citta naam adres straat woonplaats
  age alter edad idade eta sex nationality citizenship maritalstatus familienstand income salary gehalt einkommen
  latitude longitude lat lng lon location geolocation coordinates photo picture avatar portrait selfie signature
  household employer occupation jobtitle beruf password passwort secret
`)

/** Scalars and types that are made for it. */
const TYPES = set(`
  email emailaddress mailaddress phone phonenumber telephone telephonenumber msisdn mobilenumber iban bic ssn socialsecuritynumber
  dateofbirth birthdate birthday dob ip ipaddress ipv mac macaddress passportnumber creditcard creditcardnumber postaladdress
  homeaddress personname fullname geburtsdatum telefonnummer
`)

const PEOPLE = set(`
  person people user customer client member patient employee staff contact subscriber guest traveller traveler passenger student
  teacher tenant resident visitor shopper buyer recipient profile account citizen applicant candidate insured policyholder cardholder
  consumer lead donor beneficiary participant player author owner driver
  kunde kundin nutzer benutzer mitglied mitarbeiter patientin versicherter personne utilisateur salarie cliente usuario empleado
  persona paciente utente dipendente klant gebruiker medewerker
`)

const ORGANISATIONS = set(`
  company organisation organization store shop warehouse office branch supplier vendor merchant brand manufacturer carrier hotel
  restaurant venue airport station publisher bank partner tenant business department team firma unternehmen filiale lieferant
`)

/** What is about such a word, and not one: `emailTemplate`, `phoneModel`, `emailVerified`. */
const ABOUT = set(`
  template templates count counts total opens open opened clicks clicked bounced sent enabled disabled verified valid is has allowed required
  optin optout opt subscribed subscription consent preference preferences hash hashed type kind status state format pattern regex label provider
  domain campaign campaigns subject body copy model models brand accessory accessories case cases plan plans
  policy schema version settings setting config configuration channel frequency rate quota limit since
`)

/** The name of a thing. */
const isOfThing = (words: readonly string[]): boolean => {
  const joined = words.join('')
  return /(?:product|item|category|event|file|list|page|store|shop|segment|audience|host|domain|type|field|table|column|brand|company)name$/.test(
    joined,
  )
}

const DESCRIBED =
  /\b(?:e-?mail address|phone number|mobile number|telephone number|date of birth|birth date|social security|passport number|home address|postal address|full name|first name|last name|surname|ip address|telefonnummer|geburtsdatum|adresse e-?mail|numero de telephone|date de naissance|correo electronico|numero de telefono|fecha de nacimiento)\b(?! (?:template|format|of the (?:store|shop|company|office|supplier)))/

/** A sample is announced as one: who wrote the description is no sample. */
const hasSample = (description: string): boolean => {
  const told = SAMPLE.exec(description)?.[1] ?? ''
  return (
    told.split(/[\s,;"'`()]+/).some((word) => looksLikeAPerson(word)) || /\+\d[\d\s()./-]{6,22}\d/.test(told)
  )
}

const SAMPLE =
  /\b(?:e\.g\.|for example|example|sample|such as|like|z\.\s?b\.|par exemple|por ejemplo)[:\s,]+(.{3,120})/iu
