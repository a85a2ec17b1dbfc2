// One dialog for every act on an alarm: its fields, its errors at the field, and its two ends.
(function () {
  "use strict";
  const vigie = (window.vigie = window.vigie || {});
  const { h, fill, age, instant, classes } = vigie.draw;

  const when = (seconds, { language, zone }) =>
    instant(seconds, language, zone, { weekday: "short", day: "numeric", month: "short", hour: "2-digit", minute: "2-digit" });

  function control(field, own, ids) {
    const { typed, set } = own;
    const value = typed[field.name];
    const shared = {
      id: ids.field, value, "aria-describedby": `${ids.hint} ${ids.error}`, "aria-invalid": Boolean(own.errors[field.name]),
      "aria-required": vigie.alarmForms.isNeeded(field, typed), onChange: (event) => set(field.name, event.target.value),
    };
    if (field.kind === "choice") return choice(field, own, shared);
    if (field.kind === "instant") return h("input", { ...shared, type: "datetime-local", className: "alarm-input" });
    if (field.rows) return h("textarea", { ...shared, rows: field.rows, maxLength: field.most, className: "alarm-input" });
    return h("input", { ...shared, type: "text", maxLength: field.most, className: "alarm-input" });
  }

  function choice(field, own, shared) {
    const options = field.options || own.options[field.name];
    const first = options ? (field.nobody ? own.words[`${field.name}_none`] : own.words.choose) : own.words.reading;
    return h("select", { ...shared, className: "alarm-input", disabled: !options }, [
      h("option", { key: "", value: "" }, first),
      ...(options || []).map(({ value, label, role }) =>
        h("option", { key: value, value }, role ? `${label} · ${own.labels.role[role] || role}` : label)),
    ]);
  }

  // Quick choices, the end of the chosen one told by the city's clock.
  function lengths(field, own, ids) {
    const now = vigie.live.now() || Date.now() / 1000;
    return h("fieldset", { key: field.name, className: "alarm-field alarm-lengths" }, [
      h("legend", { key: "legend" }, own.words[field.name]),
      h("div", { key: "all", className: "alarm-choices" }, field.lengths.map((one) =>
        h("label", { key: one, className: classes("alarm-length", own.typed[field.name] === one && "chosen") }, [
          h("input", { key: "in", type: "radio", name: ids.field, checked: own.typed[field.name] === one, onChange: () => own.set(field.name, one) }),
          h("span", { key: "text" }, age(one, own.labels.age)),
        ])
      )),
      h("p", { key: "hint", className: "alarm-hint" }, fill(own.words.ends_at, { at: when(now + own.typed[field.name], own) })),
      error(field, own, ids),
    ]);
  }

  function error(field, own, ids) {
    return h("p", { key: "error", id: ids.error, className: "alarm-error", role: own.errors[field.name] ? "alert" : undefined }, own.errors[field.name] || "");
  }

  function drawField(field, own) {
    const ids = { field: `alarm-field-${field.name}`, hint: `alarm-hint-${field.name}`, error: `alarm-error-${field.name}` };
    if (field.kind === "length") return lengths(field, own, ids);
    const words = own.words[`${field.name}_${own.verb}`] || own.words[field.name];
    if (field.kind === "check") {
      return h("label", { key: field.name, className: "alarm-check" }, [
        h("input", { key: "in", type: "checkbox", checked: Boolean(own.typed[field.name]), onChange: (event) => own.set(field.name, event.target.checked) }),
        h("span", { key: "text" }, words),
      ]);
    }
    return h("div", { key: field.name, className: "alarm-field" }, [
      h("label", { key: "label", htmlFor: ids.field }, words),
      control(field, own, ids),
      h("p", { key: "hint", id: ids.hint, className: "alarm-hint" }, field.hint ? own.words[field.hint] : ""),
      error(field, own, ids),
    ]);
  }

  // Lists that are asked for when the dialog opens.
  function useOptions(fields, setErrors, words) {
    const { useEffect, useState } = window.React;
    const [options, setOptions] = useState({});
    useEffect(() => {
      for (const { name, read } of fields) {
        if (!read) continue;
        read().then((found) => setOptions((old) => ({ ...old, [name]: found })))
          .catch((problem) => setErrors(vigie.alarmForms.placed(problem, fields, words)));
      }
    }, []);
    return options;
  }

  // `form`: {verb, subject, what (a line that names it), key}; `closed(done)` once it is gone.
  vigie.AlarmDialog = function AlarmDialog({ form, labels, language, zone, closed }) {
    const { useEffect, useMemo, useRef, useState } = window.React;
    const forms = vigie.alarmForms;
    const words = labels.form;
    const dialog = useRef(null);
    const made = useMemo(() => forms.make(form.form || form.verb, form.subject, zone), [form.key]);
    const [typed, setTyped] = useState(() => forms.begun(form.key, made.fields, zone));
    const [errors, setErrors] = useState({});
    const [sending, setSending] = useState(false);
    const options = useOptions(made.fields, setErrors, words);
    useEffect(() => {
      if (!dialog.current.open) dialog.current.showModal();
      const first = dialog.current.querySelector("textarea, input[type=text], select:not(:disabled)");
      if (first) first.focus();
    }, []);
    const set = (name, value) => setTyped((old) => {
      const next = { ...old, [name]: value };
      forms.drafts.set(form.key, next);
      return next;
    });
    const fail = (found) => {
      setErrors(found);
      const first = made.fields.find(({ name }) => found[name]);
      const place = first && dialog.current.querySelector(`#alarm-field-${first.name}`);
      if (place) place.focus();
    };
    async function send(event) {
      event.preventDefault();
      if (sending) return;
      const wrong = forms.lacking(made.fields, typed, words);
      if (Object.keys(wrong).length) return fail(wrong);
      setSending(true);
      setErrors({});
      try {
        const done = await forms.send(form.verb, made.body(typed));
        if (made.taken && !made.taken(done)) {
          setSending(false);
          return fail({ "": words.not_as_named });
        }
        forms.drafts.delete(form.key);
        closed(done);
      } catch (problem) {
        setSending(false);
        fail(forms.placed(problem, made.fields, words));
      }
    }
    const own = { verb: form.verb, typed, set, errors, words, labels, options, language, zone };
    const title = `alarm-dialog-title`;
    return h("dialog", { ref: dialog, className: "alarm-dialog", "aria-labelledby": title, onClose: () => closed(null) },
      h("form", { onSubmit: send, noValidate: true, "aria-busy": sending }, [
        h("h2", { key: "title", id: title }, words[`title_${form.verb}`]),
        h("p", { key: "what", className: "alarm-dialog-what" }, form.what),
        words[`body_${form.verb}`] ? h("p", { key: "body", className: "alarm-hint" }, words[`body_${form.verb}`]) : null,
        ...made.fields.map((field) => drawField(field, own)),
        h("div", { key: "ends", className: "dialog-ends" }, [
          h("p", { key: "told", className: "dialog-told", role: "alert" }, errors[""] || ""),
          h("button", { key: "no", type: "button", className: "button", onClick: () => dialog.current.close() }, words.cancel),
          h("button", { key: "yes", type: "submit", className: "button primary", disabled: sending }, sending ? words.sending : words[`do_${form.verb}`]),
        ]),
      ])
    );
  };

  // The dialog that is open on a screen, and what opens one. A dialog that is told late that it was closed closes no
  // other that has been opened since.
  let opened = 0;
  vigie.useAlarmForm = function useAlarmForm({ labels, language, zone }, done) {
    const { useState } = window.React;
    const [form, setForm] = useState(null);
    const closed = (made) => {
      setForm((now) => (now && now.n === form.n ? null : now));
      if (made) done(form);
    };
    const drawn = form ? h(vigie.AlarmDialog, { key: form.n, form, labels, language, zone, closed }) : null;
    return [(made) => setForm({ ...made, n: (opened += 1) }), drawn];
  };
  vigie.alarmWhen = when;
})();
