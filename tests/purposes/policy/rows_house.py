"""Every rule of the house: rule, answer, facts that fire it, near miss, the day if it matters."""

from datetime import date

BEFORE, P3 = date(2027, 5, 12), date(2027, 5, 13)
NOTE = "papers=necessity_note"
TIME = "kind=working_time eu=b cat=ID"
HIRE = "kind=hr_decision eu=b cat=ID"
DOORS = "kind=access_control eu=f cat=ID"
WAGES = "kind=payroll in=s7i cat=PAY"
FILE = "kind=other in=s7i limb=loss cat=ID"
BADGE = "kind=access_control in=s7i cat=LO"

ROWS = [
    ("HOUSE-EU-1", "HOLD", "eu=f kind=support cat=CL captured papers=lia,dpia", "assessed"),
    ("HOUSE-EU-2", "HOLD", "eu=b cat=UNSAID", "cat=ID"),
    ("HOUSE-EU-3", "ALLOW", TIME, "eu=f"),
    ("HOUSE-EU-4", "ALLOW", f"{HIRE} {NOTE}", "!paper=necessity_note"),
    ("HOUSE-EU-4.a", "HOLD", HIRE, NOTE),
    ("HOUSE-EU-5", "NOTICE_OBJECT", f"{DOORS} papers=lia", "!paper=lia"),
    ("HOUSE-EU-5.a", "HOLD", DOORS, "papers=lia"),
    ("HOUSE-IN-1", "HOLD", "kind=agent_training in=s6 cat=CL captured", "assessed"),
    ("HOUSE-IN-2", "HOLD", "in=s7i cat=UNSAID", "cat=ID"),
    ("HOUSE-IN-3", "ALLOW", WAGES, "cat=FI", BEFORE),
    ("HOUSE-IN-4", "ALLOW", "kind=tax in=s7d cat=FI", "in=s7i", P3),
    ("HOUSE-IN-5", "ALLOW", f"{FILE} {NOTE}", "cat=HL"),
    ("HOUSE-IN-5.a", "HOLD", FILE, NOTE),
    ("HOUSE-IN-6", "ALLOW", f"{BADGE} {NOTE}", "off_duty"),
    ("HOUSE-IN-6.a", "HOLD", BADGE, NOTE),
]
