//! What a CRM is: entities, money, ids, clock, intents and the schema table.
