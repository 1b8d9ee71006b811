"""English words that name nothing to be seen."""

from __future__ import annotations

_WORDS = """
    about above across adjacent aerial after again all almost along alongside also among another any are area
    around away because been before behind being below beneath beside besides between beyond both but bottom
    can captured center clear close closely contain containing contains corner could covered different
    direction display displays does down during each edge either else ever every everywhere except far feature
    features few five from front further give given has have having here high his how however image inside
    into its just kind largest left less like likely located locates lot low made make makes making many may
    middle mix more most mostly much near nearby next nine none nor nothing number object off one only onto
    opposite other others our out outside over part parts photo picture piece place placed plain possibly
    probably quite rather really remember right satellite scene seem seems seen set several shape shaped show showing
    shown shows side sides similar since sit sits situated six size some something somewhat still such taken
    than that the their them then there these they thing things this those three through throughout together
    too top toward towards two type under underneath until upon upper use used very view viewed visible was
    well were what when where whether which while whole whose with within without would you your
"""
STOPWORDS = frozenset(_WORDS.split())
