"""How the panel's facts are said: sentence, figures, dates, in one language. Claims only what the data do."""

from dataclasses import dataclass
from datetime import date

from markupsafe import Markup

from model.texts import Words
from services.publishing.panels import saying
from services.publishing.panels.lighting_figures import DAYS, LightingDay, LightingStatus


@dataclass(frozen=True)
class Said:
    """The publication in the words of one language; what templates print."""

    status: LightingStatus
    say: Words

    def percent(self, value: float | None, decimals: int = 1) -> str:
        """1,2 % or 1.2%; an en dash where there is no value."""
        return saying.percent(self.say, value, decimals)

    def tick(self, value: float) -> str:
        """An axis label: no more decimals than its step needs."""
        return self.percent(value, 0 if value == int(value) else 1)

    def day(self, day: date, *, year: bool = True) -> str:
        """6 novembre 2025, 1er novembre 2025, 6 November 2025."""
        return saying.long_day(self.say, day, year=year)

    def short_day(self, day: date) -> str:
        """8 oct., as axes write it."""
        return saying.short_day(self.say, day)

    @property
    def headline(self) -> str:
        """The big figure."""
        return self.percent(self.status.headline)

    @property
    def amount(self) -> Markup:
        """How many points that is, the number set off in bold."""
        count, points = self.say.number(self.status.out_of_order), self.say.number(self.status.points)
        return saying.bold(self.say("embed.amount"), count=count, points=points)

    @property
    def sentence(self) -> str:
        """What happened, and whether the target is met; nothing that the figures do not carry."""
        if self.status.latest is None:
            return self.say("embed.nothing", days=DAYS)
        return " ".join(part for part in (self._trend(), self._target()) if part)

    def _trend(self) -> str:
        change = self.status.change
        if change is None:
            return ""
        day = self.day(self.status.measured[0].day, year=False)
        if change == 0:
            return self.say("embed.stable", day=day)
        key = "embed.falling" if change < 0 else "embed.rising"
        if self._plural(abs(change)):
            key += "_many"
        return self.say(key, n=self.say.number(abs(change), 1), day=day)

    def _plural(self, amount: float) -> bool:
        """French counts from 2, English has one singular."""
        return amount != 1 if self.say.language == "en" else amount >= 2

    def _target(self) -> str:
        if self.status.target_met is None:
            return ""
        return self.say("embed.target_met" if self.status.target_met else "embed.target_missed")

    @property
    def definition(self) -> str:
        """What the figure is, the target's source with it."""
        text = self.say("embed.definition")
        target = self.status.target
        if target is None:
            return text
        since = self.day(date.fromisoformat(target.since))
        rate = self.percent(target.rate)
        return f"{text} {self.say('embed.definition_target', rate=rate, source=target.source, date=since)}"

    @property
    def chart_label(self) -> str:
        """The chart in one breath, for those who cannot see it."""
        key = "embed.chart_label" if self.status.latest else "embed.chart_label_empty"
        return self.say(key, first=self.first_day, last=self.last_day, sentence=self.sentence)

    @property
    def caption(self) -> str:
        """The table's caption."""
        return self.say(
            "embed.table_caption", city=self.status.facts.where, first=self.first_day, last=self.last_day
        )

    @property
    def first_day(self) -> str:
        """The first of the 30 days; empty where there is none."""
        return self.day(self.status.days[0].day) if self.status.days else ""

    @property
    def last_day(self) -> str:
        """The last of the 30 days; empty where there is none."""
        return self.day(self.status.days[-1].day) if self.status.days else ""

    @property
    def newest_first(self) -> list[LightingDay]:
        """The table's rows."""
        return list(reversed(self.status.days))
