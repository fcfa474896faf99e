import { describe, expect, it } from 'vitest'
import { proposeMapping } from '../../subgraphs/identity/matching/table/propose-mapping.ts'
import { crmLikePeople } from '../support/people/crm-like-people.ts'
import { febrlLikePeople } from '../support/people/febrl-like-people.ts'
import { createMatchingDesk } from '../support/people/matching-desk.ts'

const proposed = (header: string, ...rows: readonly string[]): unknown => {
  const columns = header.split(';')
  const { id, fields } = proposeMapping({
    file: 'people.csv',
    columns,
    rows: rows.map((row) => row.split(';')),
  })
  return { id, ...Object.fromEntries(fields) }
}

describe('without a mapping', () => {
  it.each([
    [
      'English',
      'Customer ID;First Name;Last Name;E-mail Address;Mobile;DOB;Street Address;Zip Code;Town;State',
      '17;Ada;Lane;ada@mail.example;0412 000 111;1990-02-09;1 Oak St;2000;Ashton;NSW',
      'id given_name family_name email phone date_of_birth street postcode city region',
    ],
    [
      'German',
      'Kundennr.;Vorname;Nachname;E-Mail;Telefon;Geburtsdatum;Straße;Hausnr;PLZ;Ort',
      '17;Ada;Weiß;ada@mail.example;030 123456;9.2.1990;Eichweg;1a;10115;Berlin',
      'id given_name family_name email phone date_of_birth street house_number postcode city',
    ],
    [
      'French',
      'Identifiant;Prénom;Nom;Courriel;Tél. portable;Date de naissance;Adresse;Code postal;Ville;Société',
      'c17;Ada;Roux;ada@mail.example;06 12 34 56 78;09/02/1990;1 rue du Lac;75001;Paris;Onyx',
      'id given_name family_name email phone date_of_birth street postcode city company',
    ],
    [
      'Spanish',
      'id_cliente;nombre;apellidos;correo electrónico;teléfono;fecha de nacimiento;dirección;código postal;ciudad;DNI',
      '17;Ada;Luna;ada@mail.example;600 123 456;09/02/1990;Calle Sol 1;28001;Madrid;12345678Z',
      'id given_name family_name email phone date_of_birth street postcode city national_id',
    ],
    [
      'Italian',
      'codice cliente;nome;cognome;posta elettronica;cellulare;data di nascita;indirizzo;CAP;città;codice fiscale',
      '17;Ada;Luna;ada@mail.example;347 123 4567;09/02/1990;Via Sole 1;00184;Roma;LNUDAA90B49H501X',
      'id given_name family_name email phone date_of_birth street postcode city national_id',
    ],
    [
      'Polish',
      'numer klienta;imię;nazwisko;adres e-mail;numer telefonu;data urodzenia;ulica;nr domu;kod pocztowy;miasto',
      '17;Ada;Lis;ada@mail.example;601 234 567;1990-02-09;Polna;1;00-001;Warszawa',
      'id given_name family_name email phone date_of_birth street house_number postcode city',
    ],
    [
      'Russian',
      'Код клиента;Имя;Фамилия;Почта;Телефон;Дата рождения;Улица;Дом;Индекс;Город',
      '17;Ада;Лис;ada@mail.example;+7 495 123-45-67;09.02.1990;Лесная;1;101000;Москва',
      'id given_name family_name email phone date_of_birth street house_number postcode city',
    ],
    [
      'Japanese',
      '顧客番号;姓;名;メールアドレス;電話番号;生年月日;住所;郵便番号',
      '17;佐藤;花子;ada@mail.example;03-1234-5678;1990/02/09;東京都港区;105-0011',
      'id family_name given_name email phone date_of_birth street postcode',
    ],
    [
      'names in one column, written together',
      'uuid;customerName;emailAddress;dateOfBirth;homeAddress;createdAt;isActive',
      '7f1e;Ada Lane;ada@mail.example;1990-02-09;1 Oak St;2024-01-01;true',
      'id full_name email date_of_birth street - -',
    ],
  ])('columns are told from their names: %s', (_, header, row, kinds) => {
    const columns = header.split(';')
    const expected = kinds
      .split(' ')
      .flatMap((kind, at) =>
        kind === '-' ? [] : kind === 'id' ? [['id', columns[at]]] : [[columns[at], kind]],
      )
    expect(proposed(header, row)).toEqual(Object.fromEntries(expected))
  })

  it('a name that the values speak against counts for nothing, and mailboxes are known by themselves', () => {
    expect(
      proposed(
        'id;phone;contact info;family_name',
        '1;yes;ada@mail.example;Lane',
        '2;no;bo@mail.example;Marsh',
      ),
    ).toEqual({ id: 'id', 'contact info': 'email', family_name: 'family_name' })
  })

  it('the answer that somebody left in the file is not taken for an id or a fact', () => {
    expect(proposed('true_id;cluster;nr;surname', '1;1;a;Lane', '2;2;b;Marsh')).toEqual({
      id: 'nr',
      surname: 'family_name',
    })
  })

  it('what the labelled people say by hand is what is proposed for them', () => {
    const crm = crmLikePeople({ people: 100, seed: 3 })
    const febrl = febrlLikePeople({ people: 100, seed: 3, copies: 'one' })
    for (const { columns, rows, fields } of [crm, febrl]) {
      const { id, fields: found } = proposeMapping({ file: 'people.csv', columns, rows })
      expect(id).toBe('rec_id')
      expect(Object.fromEntries(found)).toMatchObject(fields)
    }
  })

  it('the proposal is written so that it can be kept, and used as it is', async () => {
    const desk = createMatchingDesk()
    desk.put('people.csv', 'nr,Vorname,Nachname,true id\n1,Ada,Lane,7\n2,Bo,Marsh,8\n')
    const { out, code } = await desk.match('--input', 'people.csv', '--propose')
    expect(code).toBe(0)
    expect(out).toBe('id: nr\nfields:\n  Vorname: given_name\n  Nachname: family_name\nignore: [true id]\n')
    desk.put('mapping.yaml', out)
    const again = await desk.match(
      '--input',
      'people.csv',
      '--mapping',
      'mapping.yaml',
      '--clusters',
      'clusters.csv',
    )
    expect(again.code).toBe(0)
    expect(desk.rows('clusters.csv').length).toBe(2)
  })

  it('is refused where no column can be an id, or none says anything about a person', async () => {
    const desk = createMatchingDesk()
    desk.put('people.csv', 'given name,surname\nAda,Lane\nAda,Lane\n')
    desk.put('things.csv', 'id,colour\n1,red\n2,blue\n')
    for (const file of ['people.csv', 'things.csv'])
      expect(await desk.match('--input', file, '--propose')).toMatchObject({
        code: 2,
        out: '',
        err: expect.stringMatching(/^MATCH_MAPPING_NEEDED: /) as string,
      })
  })
})
