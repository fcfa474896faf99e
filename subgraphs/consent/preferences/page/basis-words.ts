/** Why something is on without a yes, by what it rests on and language. */
export const BASIS_WORDS: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  en: {
    CONTRACT: 'We need it for our contract with you.',
    LEGAL_OBLIGATION: 'The law obliges us to it.',
    VITAL_INTERESTS: 'It protects somebody’s life.',
    PUBLIC_TASK: 'It is part of a task in the public interest.',
    LEGITIMATE_INTERESTS: 'We have a legitimate interest in it.',
    STATUTE: 'The law allows it.',
  },
  de: {
    CONTRACT: 'Wir brauchen es für unseren Vertrag mit Ihnen.',
    LEGAL_OBLIGATION: 'Das Gesetz verpflichtet uns dazu.',
    VITAL_INTERESTS: 'Es schützt ein Menschenleben.',
    PUBLIC_TASK: 'Es gehört zu einer Aufgabe im öffentlichen Interesse.',
    LEGITIMATE_INTERESTS: 'Wir haben ein berechtigtes Interesse daran.',
    STATUTE: 'Das Gesetz erlaubt es.',
  },
  fr: {
    CONTRACT: 'Nous en avons besoin pour notre contrat avec vous.',
    LEGAL_OBLIGATION: 'La loi nous y oblige.',
    VITAL_INTERESTS: 'Cela protège une vie.',
    PUBLIC_TASK: 'Cela fait partie d’une mission d’intérêt public.',
    LEGITIMATE_INTERESTS: 'Nous y avons un intérêt légitime.',
    STATUTE: 'La loi le permet.',
  },
  es: {
    CONTRACT: 'Lo necesitamos para nuestro contrato con usted.',
    LEGAL_OBLIGATION: 'La ley nos obliga a ello.',
    VITAL_INTERESTS: 'Protege la vida de una persona.',
    PUBLIC_TASK: 'Forma parte de una tarea de interés público.',
    LEGITIMATE_INTERESTS: 'Tenemos un interés legítimo en ello.',
    STATUTE: 'La ley lo permite.',
  },
  ar: {
    CONTRACT: 'نحتاج إليه من أجل عقدنا معك.',
    LEGAL_OBLIGATION: 'يُلزمنا القانون بذلك.',
    VITAL_INTERESTS: 'يحمي ذلك حياة إنسان.',
    PUBLIC_TASK: 'هو جزء من مهمة للمصلحة العامة.',
    LEGITIMATE_INTERESTS: 'لدينا مصلحة مشروعة في ذلك.',
    STATUTE: 'يسمح القانون بذلك.',
  },
}
