"""Elena's case with samuel and tom on it, by maya's word; chidi is on nothing."""

from __future__ import annotations

from dataclasses import dataclass, field

from messaging.models import Thread
from people.models import Patient
from tests.messaging import cast as case_cast
from tests.messaging.house import Case, Person


@dataclass
class Cast:
    """Everybody, the thread of the case, and what each may do by which of maya's directives."""

    elena: Person
    samuel: Person
    tom: Person
    chidi: Person
    maya: Person
    patient: Patient
    case: Case
    word: dict[bytes, list[bytes]] = field(default_factory=dict)

    @property
    def thread(self) -> Thread:
        return case_cast.thread_row(self.case)

    def permit(self, person: Person) -> None:
        """Maya lets this person read, write and join."""
        directive = self.case.permit(person)
        case_cast.grant(self._people(), self.case, directive)
        self.word.setdefault(person.id, []).append(directive.directive_id)

    def withdraw(self, person: Person) -> None:
        """Maya takes back everything that she permitted this person."""
        for directive_id in self.word.pop(person.id, []):
            case_cast.withdraw(self._people(), self.case, directive_id)

    def _people(self) -> case_cast.Cast:
        return case_cast.Cast(self.elena, self.samuel, self.tom, self.chidi, self.maya, self.patient)


def make_cast() -> Cast:
    people = case_cast.make_cast()
    case = case_cast.open_case(people)
    cast = Cast(people.elena, people.samuel, people.tom, people.chidi, people.maya, people.patient, case)
    for person in (people.samuel, people.tom):
        cast.word[person.id] = [case_cast.let_in(people, case, person)]
    return cast
