namespace Causeway.Storage;

/// <summary>
/// One numbered step of a room's schema, in the portable SQL of D5: written for SQLite with the types
/// INTEGER PRIMARY KEY, BIGINT, TEXT and BLOB; the PostgreSQL dialect translates those words.
/// </summary>
/// <param name="Room">The project that owns the tables ("rooms", "accounts").</param>
/// <param name="Number">1, 2, 3 ... in the order of application within the room.</param>
/// <param name="Sql">Statements separated by a semicolon at a line's end.</param>
/// <param name="PostgresSql">The same for PostgreSQL, where a step is about what only the stores' own languages can say.</param>
public sealed record Migration(string Room, int Number, string Sql, string? PostgresSql = null);
