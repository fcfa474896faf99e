import type { FieldKind } from '../person-row.ts'

/** `dateOfBirth`, `Date-of-birth` and `DATE_OF_BIRTH` → date, of, birth. Letters without marks. */
export const wordsOf = (header: string): readonly string[] =>
  header
    .replace(/(\p{Ll})(\p{Lu})/gu, '$1 $2')
    .replaceAll('ß', 'ss')
    .normalize('NFKD')
    .replace(/\p{M}/gu, '')
    .toLowerCase()
    .split(/[^\p{L}\p{N}]+/u)
    .filter((word) => word !== '')

/** What a column of this name holds nearly everywhere. Null: it may be anything. */
export const kindOfHeader = (header: string): FieldKind | null => {
  const words = wordsOf(header)
  if (words.some((word) => NO_PERSON_WORDS.has(word))) return null
  const plain = words.filter((word) => !SAYS_NOTHING.has(word) && !/^\d+$/.test(word))
  return KINDS.get(words.join('')) ?? KINDS.get(plain.join('')) ?? null
}

/** Whose record it is, as those know who made the file: the answer, not the question. */
export const TRUTH_WORDS: ReadonlySet<string> = new Set([
  'true',
  'truth',
  'label',
  'gold',
  'cluster',
  'entity',
  'match',
])

const list = (text: string): readonly string[] => text.trim().split(/\s*[|\n]\s*/)

export const ID_HEADERS: readonly string[] =
  list(`id|rec id|record id|row id|unique id|uid|uuid|guid|key|customer id|
  customer number|customer no|client id|contact id|person id|user id|member id|account id|kunden id|kundennummer|
  kundennr|kunden nr|satznummer|id client|numero client|id cliente|codigo cliente|codice cliente|klantnummer|
  klant id|numer klienta|номер клиента|код клиента|顧客番号|客户编号|客户号|编号|고객번호|رقم العميل|codigo de cliente|id de cliente`).map(
    (header) => header.trim(),
  )

/** What may stand around the word that matters. */
const SAYS_NOTHING = new Set(
  `customer client contact person user member primary main home private personal billing shipping delivery the current
  line kunde kunden privat cliente klant`.split(/\s+/),
)

/** A date, an address or a name of something else. */
const NO_PERSON_WORDS = new Set(
  `created updated modified order invoice signup registered registration login visit purchase product item shop store
  ip url web website domain file user agent middle maiden title prefix suffix gender sex salutation anrede consent optin
  opt verified status type source count total latitude longitude`.split(/\s+/),
)

/** Headers in the languages people keep their customers in. Joined words: separators come and go. */
const HEADERS: Readonly<Record<FieldKind, string>> = {
  given_name: `given|first|given name|given names|first name|fname|forename|firstname|christian name|vorname|rufname|prenom|nombre|
    nombre de pila|primer nombre|nome proprio|primeiro nome|voornaam|imie|fornavn|fornamn|etunimi|jmeno|keresztnev|
    имя|όνομα|ονομα|名|名字|이름|الاسم الأول|الاسم الاول|שם פרטי|ad`,
  family_name: `family|last|family name|surname|last name|lname|lastname|second name|nachname|familienname|zuname|nom|
    nom de famille|apellido|apellidos|primer apellido|segundo apellido|apellido paterno|apellido materno|cognome|sobrenome|apelido|achternaam|familienaam|tussenvoegsel|voorvoegsel|nazwisko|
    etternavn|efternavn|efternamn|sukunimi|prijmeni|vezeteknev|фамилия|επώνυμο|επιθετο|姓|姓氏|성|اسم العائلة|اللقب|الكنية|שם משפחה|soyad|soyadi`,
  full_name: `full name|name|fullname|display name|complete name|vollname|vollstandiger name|nom complet|
    nombre completo|nome completo|nome|naam|volledige naam|imie i nazwisko|navn|namn|nimi|фио|полное имя|ονοματεπωνυμο|
    氏名|姓名|名前|客户姓名|客戶姓名|성명|الاسم|الاسم الكامل|ad soyad`,
  date_of_birth: `date of birth|birth date|birthdate|birthday|dob|born|d o b|geburtsdatum|geburtstag|geb datum|geb|
    date de naissance|naissance|fecha de nacimiento|fecha nacimiento|nacimiento|data di nascita|data nascita|
    data de nascimento|data nascimento|nascimento|geboortedatum|data urodzenia|fodselsdato|fodelsedatum|syntymaaika|
    datum narozeni|szuletesi datum|дата рождения|ημερομηνια γεννησης|生年月日|出生日期|出生年月|生日|생년월일|تاريخ الميلاد|תאריך לידה|dogum tarihi`,
  email: `email|e mail|mail|email address|e mail address|mailbox|e mail adresse|email adresse|mailadresse|courriel|
    adresse email|adresse e mail|adresse mail|correo|correo electronico|posta elettronica|indirizzo email|
    endereco de email|emailadres|e mailadres|adres email|epost|e post|sahkoposti|почта|электронная почта|эл почта|
    メール|メールアドレス|邮箱|邮箱地址|电子邮箱|电子邮件|電子郵件|이메일|البريد|אימייל|البريد الإلكتروني|eposta`,
  phone: `phone|phone number|phone no|telephone|telephone number|tel|tel no|mobile|mobile number|mobile phone|cell|
    cell phone|cellphone|landline|msisdn|telefon|telefonnummer|tel nr|handy|handynummer|mobil|mobilnummer|mobiltelefon|
    festnetz|portable|numero de telephone|tel portable|telefono|telefono movil|movil|celular|cellulare|numero di telefono|
    telefone|telemovel|telefoonnummer|telefoon|gsm|numer telefonu|komorka|puhelin|телефон|мобильный|τηλεφωνο|κινητο|
    電話|電話番号|携帯電話|电话|电话号码|联系电话|移动电话|手机|手机号|手机号码|전화번호|휴대폰|هاتف|الهاتف|رقم الهاتف|الجوال|رقم الجوال|טלפון|cep telefonu`,
  house_number: `house number|house no|house nr|housenumber|street number|street no|street nr|building number|hausnummer|
    hausnr|hnr|numero de rue|numero de voie|no rue|numero de casa|numero civico|civico|numero porta|huisnummer|
    numer domu|nr domu|husnummer|номер дома|дом|門牌|番地`,
  street: `street|street name|address|address line|street address|addr|road|strasse|str|strassenname|adresse|anschrift|
    rue|voie|adresse postale|calle|direccion|domicilio|via|indirizzo|rua|endereco|morada|straat|adres|ulica|gate|gata|
    katu|улица|адрес|οδος|διευθυνση|住所|地址|联系地址|详细地址|街道|주소|شارع|الشارع|כתובת|العنوان|adres satiri`,
  postcode: `postcode|post code|postal code|zip|zip code|zipcode|plz|postleitzahl|code postal|cp|codigo postal|cap|cep|
    codice postale|kod pocztowy|postnummer|postinumero|psc|iranyitoszam|индекс|почтовый индекс|τκ|郵便番号|邮编|邮政编码|우편번호|
    الرمز البريدي|posta kodu`,
  city: `city|town|suburb|locality|place|municipality|ort|stadt|wohnort|gemeinde|ville|commune|localite|ciudad|
    localidad|poblacion|citta|comune|cidade|localidade|plaats|woonplaats|stad|miasto|miejscowosc|by|poststed|postort|
    kaupunki|mesto|obec|varos|город|πολη|市区町村|城市|市|도시|المدينة|مدينة|עיר|sehir`,
  region: `region|state|province|county|bundesland|land|kanton|departement|provincia|estado|provincie|wojewodztwo|fylke|
    lan|область|регион|νομος|都道府県|省|المنطقة|country|land code|pays|pais|paese`,
  national_id: `national id|ssn|soc sec id|soc sec no|social security|social security number|social security no|
    national insurance number|nino|tax id|tax number|tin|passport|passport number|id card|identity number|
    personal number|steuernummer|steuer id|ausweisnummer|sozialversicherungsnummer|sv nummer|svnr|personalausweis|nir|
    numero de securite sociale|dni|nie|nif|nif cif|codice fiscale|cpf|bsn|pesel|personnummer|fodselsnummer|cpr|hetu|
    rodne cislo|инн|снилс|паспорт|αφμ|身份证|身份证号|身份证号码|マイナンバー|주민등록번호|رقم الهوية|الرقم القومي|tc kimlik no`,
  company: `company|company name|organisation|organization|employer|firm|business|firma|firmenname|unternehmen|
    arbeitgeber|societe|entreprise|empresa|organizacion|azienda|societa|ditta|bedrijf|bedrijfsnaam|organisatie|
    przedsiebiorstwo|yritys|компания|организация|εταιρεια|会社|会社名|公司|公司名称|회사|الشركة|sirket`,
}

const KINDS: ReadonlyMap<string, FieldKind> = new Map(
  (Object.entries(HEADERS) as [FieldKind, string][]).flatMap(([kind, headers]) =>
    list(headers).map((header) => [wordsOf(header).join(''), kind] as const),
  ),
)
