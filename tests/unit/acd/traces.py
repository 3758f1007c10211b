"""Hand-worked tables: one story of thirty steps, and whom each strategy asks in it.

A step happens every 10 s. ``call N`` enters and the one who is asked lifts at once; ``end N`` ends
that call, without wrap-up; ``away C`` asks for a pause of C (after his conversation, if he is in
one), ``back C`` ends it. A, B, C, D stand in this order in the settings and log in at 0.

The columns below the story were worked out with paper and pencil from the table of meanings in
``firmware/acd/strategy.py``, and the notes beside them say what decided. ``end`` and ``away``
steps have no choice and stand for the states between.
"""

from __future__ import annotations

STORY = """
 1 call 1
 2 call 2
 3 end 1
 4 call 3
 5 end 2
 6 end 3
 7 call 4
 8 call 5
 9 call 6
10 call 7
11 end 5
12 call 8
13 end 8
14 end 4
15 call 9
16 away C
17 end 6
18 end 7
19 call 10
20 end 9
21 call 11
22 back C
23 call 12
24 end 10
25 end 11
26 call 13
27 end 12
28 call 14
29 call 15
30 end 13
"""

LEVELS = {"A": 3, "B": 9, "C": 5, "D": 9}
"""Levels in the table of skill_first; everywhere else all have 5."""

WEIGHTS = {"A": 1, "B": 2, "C": 3, "D": 4}

TRACES: dict[str, str] = {
    "longest_idle": """
 1 A   all idle since 0, first in the settings
 2 B   all idle since 0
 4 C   C 0, D 0, A 30
 7 D   D 0, A 30, B 50, C 60
 8 A   A 30
 9 B   B 50
10 C   C 60
12 A   nobody else is free
15 A   A 130, D 140
19 D   D 140, B 170; C is paused since his call ended
21 B   B 170, A 200
23 A   A 200, C 220: a return from a pause begins anew
26 C   C 220, D 240, B 250
28 D   D 240, B 250, A 270
29 B   B 250, A 270
""",
    "linear": """
 1 A   top of the list
 2 B   A talks
 4 A   free again, so from the top
 7 A   all are free
 8 B
 9 C
10 D
12 B   nobody else is free
15 A   A and B are free
19 B   B and D are free; C is paused
21 A   A and D are free
23 C   C and D are free
26 A   A, B, D
28 B   B, C, D
29 C   C, D
""",
    "round_robin": """
 1 A   no memory: from the top
 2 B   after A
 4 C   after B
 7 D   after C
 8 A   after D, around
 9 B   after A
10 C   after B
12 A   after C comes D, who talks; around to A
15 D   after A come B and C, who talk
19 A   after D
21 B   after A
23 C   after B; back from his pause
26 D   after C
28 A   after D
29 B   after A
""",
    "fewest_calls": """
 1 A   nobody had one
 2 B   B, C, D had none
 4 C   C, D had none, A one
 7 D   D had none
 8 A   A, B, C had one; A is idle since 30
 9 B   B, C had one; B is idle since 50
10 C   C had one
12 A   nobody else is free; his third
15 D   D one, A three
19 B   B two, A three
21 D   D two, A three
23 C   C two, A three
26 A   A, B, D had three; A is idle since 130
28 B   B, C, D had three; B is idle since 240
29 D   C, D had three; D is idle since 250, C since 270
""",
    "least_talk": """
 1 A   nobody has talked
 2 B   nobody has talked
 4 C   C 0, D 0, A 20
 7 D   D 0, A 20, C 20, B 30
 8 A   A 20 idle since 30, C 20 idle since 60, B 30
 9 C   C 20, B 30
10 B   nobody else is free
12 A   nobody else is free
15 A   A 60, D 70
19 D   D 70, B 110; C is paused
21 B   B 110 idle since 180, A 110 idle since 200
23 C   C 100, A 110
26 A   A 110, D 120, B 150
28 D   D 120, C 140, B 150
29 C   C 140, B 150
""",
    "skill_first": """
 1 B   B and D have 9; B stands first
 2 D   9
 4 B   9 before C 5, A 3
 7 D   B and D have 9; D is idle since 50, B since 60
 8 B   9
 9 C   5 before A 3
10 A   nobody else is free
12 B   nobody else is free
15 B   9, idle since 130; D since 140
19 D   9 before A 3; C is paused
21 B   9 before A 3
23 C   5 before A 3
26 D   9, idle since 240; B since 250
28 B   9
29 C   5 before A 3
""",
    "ring_all": """
 1 A B C D > B   who lifts stands behind the mark
 2 A C D > C
 4 A D B > D     the longest idle is named first
 7 A B C D > B
 8 A C D > C
 9 A D > D
10 A > A
12 C > C
15 C B > B
19 D A > A       C paused at 160, being free
21 D B > B
23 D C > C
26 D A B > A
28 D B C > B
29 D C > C
""",
    "weighted_random": """
 1 A 0.05   A1 B2 C3 D4: 0.5 of 10
 2 C 0.50   B2 C3 D4: 4.5 of 9
 4 D 0.95   A1 B2 D4: 6.65 of 7
 7 B 0.25   A1 B2 C3 D4: 2.5 of 10
 8 D 0.60   A1 C3 D4: 4.8 of 8
 9 A 0.20   A1 C3: 0.8 of 4
10 C 0.99   nobody else is free
12 D 0.00   nobody else is free
15 B 0.30   B2 D4: 1.8 of 6
19 A 0.19   A1 D4: 0.95 of 5; C is paused
21 D 0.34   B2 D4: 2.04 of 6
23 B 0.39   B2 C3: 1.95 of 5
26 D 0.50   A1 C3 D4: 4.0 of 8, the lower end of D's share
28 C 0.50   A1 B2 C3: 3.0 of 6, the lower end of C's share
29 A 0.10   A1 B2: 0.3 of 3
""",
}
