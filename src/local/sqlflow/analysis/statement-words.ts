/** Words that begin a statement which says nothing of lineage; not parsing it is no error. */
export const silentHeads =
  /^(set|use|add|exec|execute|call|print|prompt|whenever|spool|show|msck|collect|database|go|commit|rollback|grant|revoke|analyze|optimize|vacuum|refresh|comment|help|list|remove|put|get|unset|reset|declare|waitfor|raiserror|throw|checkpoint|lock|unlock|kill|quit|exit|define|undefine|column|break|ttitle|invalidate|compute|copy|unload|load|export|import|\..*|@.*|\\.*)$/;

/** Words that begin or end part of a procedure. */
export const blockHeads =
  /^(begin|declare|if|else|elsif|elseif|loop|while|for|foreach|exception|when|end|return|returns|raise|open|close|fetch|leave|iterate|repeat|until|case|continue|goto|null|do|<|try|catch|exit)$/;

export const routineHead =
  /^\s*(create|alter)\s+(or\s+(replace|alter)\s+)?((non)?editionable\s+|definer\s*=\s*\S+\s+|temp(orary)?\s+)?(procedure|proc|function|trigger|package|event|type\s+body)\b/i;

/** Words that begin a statement which may hold lineage. */
export const queryHeads =
  /^(select|sel|insert|ins|update|upd|merge|delete|del|with|create|truncate|replace)$/;

/** Words after which a statement may begin inside a procedure. */
export const leadIns = /^(begin|then|else|loop|do|is|as|declare|try|catch|query|atomic)$/;

/** Words that begin a statement where no semicolon ends the one before. */
export const looseStarts =
  /^(select|insert|update|merge|delete|with|create|alter|drop|truncate|declare|set|exec|execute|if|else|while|begin|end|print|return|use|try|catch|throw|commit|rollback|grant)$/;

/** A misspelt statement may still be read as a value: `selec x` is a column with an alias. */
export const valueKinds =
  /^(alias|column|dot|literal|identifier|var|function|paren|star|eq|neq|lt|lte|gt|gte|and|or|not|add|sub|mul|div|mod|parameter|placeholder|boolean|null|tuple|cast|interval)$/;
