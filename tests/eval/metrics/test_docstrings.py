"""Every example in a docstring of a metric says what is so."""

import doctest
import pkgutil
from importlib import import_module

import pytest

import eval.metrics

MODULES = [module.name for module in pkgutil.iter_modules(eval.metrics.__path__, "eval.metrics.")]


@pytest.mark.parametrize("name", MODULES)
def test_the_examples_of_a_metric_hold(name):
    tried = doctest.testmod(import_module(name))
    assert tried.failed == 0
    assert tried.attempted > 0 or name == "eval.metrics.recall", "a metric shows an example"
