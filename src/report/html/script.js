// Adds search, filter, jump and copy to a page that says everything without it.
"use strict";
