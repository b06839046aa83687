"""Every row of India and of the combined cases: rule, answer, facts that fire it, near miss, the day if it matters."""

from datetime import date

BEFORE, P3, P2 = date(2027, 5, 12), date(2027, 5, 13), date(2026, 11, 13)
ASKED = "kind=agent_training in=s6 cat=CL"
HR = "kind=payroll in=s7i cat=PAY"
GUARD = "cat=SL kind=security in=s7i limb=loss"
ENDED = "in=s7i case=purpose_ended"
BOTH = "laws=EU,IN"

ROWS = [
    ("IN-01", "EXPLICIT_OPT_IN", "cat=HL", "cat=PAY", BEFORE),
    ("IN-02", "ALLOW", HR, "in=s6", P3),
    ("IN-03", "ALLOW", f"{GUARD} papers=necessity_note", "limb=employment", P3),
    ("IN-03.a", "HOLD", GUARD, "papers=necessity_note", P3),
    ("IN-04", "REJECT_CONFIG", "kind=agent_training in=s7i cat=CL", "in=s6"),
    ("IN-05", "REJECT_CONFIG", f"{ASKED} !necessary", "necessary"),
    ("IN-06", "REJECT_CONFIG", f"{ASKED} n.waives_a_right", "!n.waives_a_right"),
    ("IN-07", "HOLD", f"{ASKED} people=hi,doi approved=hi", "approved=hi,doi"),
    ("IN-08", "HOLD", f"{ASKED} n.inside_other_document", "!n.inside_other_document"),
    ("IN-09", "HOLD", f"{ASKED} elements=6", "elements="),
    ("IN-10", None, f"{ASKED} case=standing given=2027-05-12", "given=2027-05-13"),
    ("IN-11", None, f"{ASKED} case=withdrawal", "c.required_by_law"),
    ("IN-12", None, f"{ASKED} case=withdrawal c.required_by_law", "!c.required_by_law"),
    ("IN-13", None, f"{ASKED} case=withdrawal processed=2026-06-02", "processed=2026-06-01"),
    ("IN-14", None, ENDED, "c.required_by_law"),
    ("IN-15", None, f"{ASKED} case=access", "in=s7i"),
    ("IN-16", None, f"{HR} case=erasure", "in=s7a"),
    ("IN-17", None, f"{ASKED} case=erasure c.still_needed", "!c.still_needed"),
    ("IN-18", None, f"{ASKED} case=access c.investigation_sharing", "!c.investigation_sharing"),
    ("IN-19", None, "case=grievance", "case=access"),
    ("IN-20", None, "case=board_complaint c.grievance_open", "!c.grievance_open"),
    ("IN-21", "BLOCK", "cat=CL under_18 papers=parental_consent", "!under_18"),
    ("IN-22", "HOLD", "cat=PAY under_18", "papers=parental_consent"),
    ("IN-23", "HOLD", "under_guardianship", "papers=guardian_appointment"),
    ("IN-24", None, "case=nominee c.nomination_on_file", "!c.nomination_on_file"),
    ("IN-25", "HOLD", "significant_effect quality_check_failed", "papers=quality_check"),
    ("IN-26", None, "case=breach", "case=access"),
    ("IN-27", None, "case=breach c.cyber_incident", "!c.cyber_incident", BEFORE),
    ("IN-29", "BLOCK", "significant_fiduciary cat=FI localised_class to=DE", "to=IN"),
    ("IN-30", None, "significant_fiduciary", "!significant_fiduciary"),
    ("IN-31", "ALLOW", "foreign_contract laws=EU,IN", "!foreign_contract"),
    ("IN-31.a", "HOLD", "foreign_contract laws=IN", "laws=EU,IN"),
    ("IN-32", "REJECT_CONFIG", "research_exemption effects=promotion", "effects="),
    ("IN-33", None, "third_schedule_class", "!third_schedule_class"),
    ("IN-34", "BLOCK", "to=IN+processor", "to=IN+processor+contract"),
    ("IN-35", "REJECT_CONFIG", "n.names_us_a_registered_role", "!n.names_us_a_registered_role", P2),
    ("IN-36", None, "case=intermediary_call", "c.registration_verified", P2),
    ("IN-37", None, "case=government_request c.secrecy_ordered", "!c.secrecy_ordered"),
    ("IN-38", "HOLD", "kind=attendance in=s7i cat=BM", "equal_alternative"),
    ("EU-33.a", "HOLD", "monitoring_capable retrenchment_likely", "papers=change_notice"),
]

COMBINED = [
    ("X-01", None, "laws=EU foreign_contract to=IN+processor+contract+scc", "to=DE+processor+contract"),
    ("X-02", None, "countries=IN eu_parent_decides", "!eu_parent_decides"),
    ("X-02.a", "HOLD", "countries=IN eu_parent_decides eu=a in=s6 gate people=ta", "approved=ta"),
    ("X-03", None, f"{BOTH} eu=a case=withdrawal processed=2027-05-20", "foreign_contract"),
    ("X-04", None, f"{BOTH} case=breach", "laws=EU"),
    ("X-05", None, "laws=IN in=s7i case=objection", "in=s6"),
    (
        "X-06",
        "HOLD",
        f"{BOTH} ask.incentive ask.incentive_small ask.incentive_equal",
        "papers=incentive_record",
    ),
]
