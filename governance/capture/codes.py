"""The written list of the gate's codes. They are never renamed: clients are written against them."""

# Of single events: counted in the answer, stored nowhere else.
NOT_PERMITTED = "not_permitted"  # never asked, refused, withdrawn, expired, paused or opted out: those who run the client must not learn which
NOT_DECLARED = "not_declared"  # the programme does not record this signal of anybody
NOBODY_BOUND = "nobody_bound"  # nobody is signed in at this device as this user
APPLICATION_NOT_LISTED = "application_not_listed"  # the application is not on the programme's allow-list
SITE_NOT_LISTED = "site_not_listed"  # the site is not on the programme's allow-list of sites
DENIED = "denied"  # an application or site that is never recorded: it wins over every list
APPLICATION_HELD = "application_held"  # a client's system, and their permission is not on file
OUTSIDE_HOURS = "outside_hours"  # the programme does not record at this hour of the week
SPECIAL_CATEGORY = "special_category"  # a text that would be kept tells of health, a union or an identity
OUTSIDE_ZONE = "outside_zone"  # no zone of the programme for worn cameras
ZONE_BARRED = "zone_barred"  # a zone or shift in which somebody under 18 works or may work
NOT_MINIMISED = (
    "not_minimised"  # a clip with sound, or whose faces and screens were not blurred in the camera
)
NOT_SAMPLED = "not_sampled"  # this day of this person is not in the sample
TURNED_AWAY = {
    NOT_PERMITTED, NOT_DECLARED, NOBODY_BOUND, APPLICATION_NOT_LISTED, DENIED, APPLICATION_HELD, OUTSIDE_HOURS, NOT_SAMPLED,
    SPECIAL_CATEGORY, SITE_NOT_LISTED, OUTSIDE_ZONE, ZONE_BARRED, NOT_MINIMISED,
}  # fmt: skip

# Of whole batches: (HTTP status, sentence). Nothing of a refused batch is stored.
BATCH = {
    "no_client": (401, "Send your client key as “Authorization: Bearer …”."),
    "wrong_client": (403, "This client may not send for this programme or device."),
    "not_json": (400, "The body is not valid JSON in UTF-8."),
    "wrong_shape": (422, "The body does not have the shape of a batch; see the API document."),
    "no_length": (411, "Say in Content-Length how long the body is. A body in pieces is not taken."),
    "too_large": (413, "A batch holds at most 5,000 events and 2 MB."),
    "not_unpacked": (
        400,
        "The body could not be unpacked: it is not what Content-Encoding says, or was cut short.",
    ),
    "unsupported_encoding": (415, "Send the body plain, or packed as the policy’s limits say."),
    "empty_batch": (422, "A batch holds at least one event."),
    "unknown_programme": (404, "There is no such programme for this client."),
    "programme_not_running": (409, "The programme does not run now. Stop recording."),
    "unknown_person": (422, "The batch names a user that is not in the roster."),
    "bad_time": (422, "A time stamp is more than five minutes ahead or older than seven days."),
    "batch_reused": (409, "This batch id was used with another body."),
    "handed_out_only": (
        409,
        "The cameras of this programme are handed out for a shift; a badge binds nobody to one.",
    ),
    "wrong_clip": (
        422,
        "Length, size and chunks of the clip do not fit each other or the limits; see the API document.",
    ),
    "wrong_permit": (403, "Send the permit of this clip in the header Clip-Permit."),
    "permit_expired": (
        410,
        "The time to send this clip is over, and nothing of it stays. Begin with a new clip.",
    ),
    "wrong_chunk": (
        422,
        "Number, size or hash of the chunk is not what was said of the clip. Nothing of it was stored.",
    ),
    "not_permitted": (403, "Nothing more of this clip is taken. Destroy what you hold of it."),
    "method_not_allowed": (405, "Batches are sent by POST."),
    "busy": (503, "The gate is busy. Send the same batch again."),
}
