// All journeys, in one process: they share a company, and the later ones see what earlier ones did.

import "./journeys/walls.mjs";
import "./journeys/doors.mjs";
import "./journeys/queue.mjs";
import "./journeys/work.mjs";
import "./journeys/story.mjs";
import "./journeys/review.mjs";
import "./journeys/lists.mjs";
import "./journeys/plans.mjs";
import "./journeys/first.mjs";
import "./journeys/moves.mjs";
import "./journeys/looks.mjs";
