"""What a browser may load for each kind of page: only what the product itself serves."""

_SHELL = "default-src 'none'; style-src 'self'; img-src 'self' data:; base-uri 'none'; form-action 'self'"

PAGE_POLICY = f"{_SHELL}; frame-src 'self'; frame-ancestors 'none'"
"""For the pages that `render` makes, but for `/docs`: no script at all."""

PROBLEM_POLICY = f"{_SHELL}; frame-ancestors 'self'"
"""For the page of an error, which may stand where a map would."""

HEAT_FRAME, GRID_FRAME = "/maps/heat/frame", "/maps/grid"
"""Pages that stand within others."""

FRAME_PROBLEM_POLICY = "default-src 'none'; base-uri 'none'; frame-ancestors 'self'"
"""For the words in place of one of them."""

DOCS_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
    "connect-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
)
"""For `/docs`: scripts and styles from files of the product only."""

SCRIPTED_POLICY = (
    "default-src 'none'; script-src 'self'; worker-src 'self'; connect-src 'self'; style-src 'self'; "
    "img-src 'self' data: blob:; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
)
"""For pages with a map or steps that are asked of the API: scripts of the product only, none in the page itself."""
