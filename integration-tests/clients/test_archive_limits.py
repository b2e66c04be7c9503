"""Exceedances under each dated rule set equal those of pandas, and eight weeks give no yearly verdict."""

from __future__ import annotations

import unittest
from typing import Any

import limits
from archive_case import ArchiveCase, enum, is_close
from oracle import PARTICLE_PROPERTIES, SELECTIONS


class LimitChecks(ArchiveCase):
    """The summer of 2018 against the limits of then and of 2030."""

    def test_exceedances_under_each_rule_set(self) -> None:
        for rules in limits.RULE_SETS:
            for prop in PARTICLE_PROPERTIES:
                for selection in SELECTIONS:
                    with self.subTest(rules.id, prop=prop, selection=selection):
                        answer = self.limits(prop, selection, rules.id)
                        self.assertEqual(answer.rule_set_id, rules.id)
                        self.assert_checks(answer.checks, self.oracle.checks(rules, prop, selection))

    def test_without_a_rule_set_the_one_in_force_that_year_counts(self) -> None:
        answer = self.limits("pm10", "ALL", "")
        self.assertEqual(answer, self.limits("pm10", "ALL", limits.IN_FORCE_2018.id))

    def test_eight_weeks_never_give_a_yearly_verdict(self) -> None:
        for rules in limits.RULE_SETS:
            for prop in PARTICLE_PROPERTIES:
                for check in self.limits(prop, "ALL", rules.id).checks:
                    self.assertEqual(check.verdict, enum("VERDICT_INSUFFICIENT_DATA"), check.rule_id)
                    self.assertTrue(check.indicative, "a citizen's sensor makes no legal exceedance")

    def assert_checks(self, answers: Any, expected: list[limits.Check]) -> None:
        by_rule = {answer.rule_id: answer for answer in answers}
        self.assertEqual(set(by_rule), {check.rule_id for check in expected})
        for check in expected:
            answer = by_rule[check.rule_id]
            self.assertTrue(answer.source, "a limit says where it is written")
            self.assertEqual(answer.period, enum(f"PERIOD_{check.period.upper()}"))
            self.assertEqual(answer.verdict, enum(f"VERDICT_{check.verdict}"))
            self.assertEqual(list(answer.exceeded), check.exceeded)
            for name in ("limit", "allowed_exceedances", "exceedances", "valid_periods", "required_periods"):
                self.assertEqual(getattr(answer, name), getattr(check, name), f"{check.rule_id}: {name}")
            self.assertEqual(answer.HasField("mean"), check.mean is not None, check.rule_id)
            if check.mean is not None:
                self.assertTrue(is_close(answer.mean, check.mean), f"{answer.mean} is not {check.mean}")


if __name__ == "__main__":
    unittest.main()
